/** Rows that are written behind the live path: in order, in batches, bounded, retried while the database is away. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { FairQueue } from "./fair-queue.ts";
import { type DatabaseOutage, DatabaseRetry } from "./outage.ts";

/** How a writer writes, and its bounds. */
export interface BatchWriterOptions<Row> {
  /** What the rows are, for the log. */
  what: string;
  write: (rows: readonly Row[]) => Promise<void>;
  maxRowsPerWrite: number;
  maxWaiting: number;
  /** About how much memory a row takes. */
  bytesOf: (row: Row) => number;
  retryMs: number;
  /** Rows wait so long for company: nobody waits for them to be written. */
  gatherMs: number;
}

/** Who tells the operator. */
export interface BatchWriterDependencies {
  logger: Logger;
  outage: DatabaseOutage;
}

const maxBytes = { waiting: 64_000_000, perWrite: 8_000_000 };

/** Takes rows, writes them soon. Whoever makes it closes it. */
export class BatchWriter<Row> {
  readonly #logger: Logger;
  readonly #options: BatchWriterOptions<Row>;
  readonly #waiting: FairQueue<Row>;
  readonly #retry: DatabaseRetry;
  readonly #closing = new AbortController();
  #underWay = 0;
  #written = 0;
  #lost = 0;
  #saidTooLate = false;
  #running: Promise<void> | undefined;

  constructor({ logger, outage }: BatchWriterDependencies, options: BatchWriterOptions<Row>) {
    const { maxWaiting, bytesOf, retryMs } = options;
    this.#logger = logger;
    this.#options = options;
    this.#waiting = new FairQueue<Row>({ items: maxWaiting, bytes: maxBytes.waiting }, bytesOf);
    this.#retry = new DatabaseRetry(outage, { pauses: { firstMs: retryMs, longestMs: retryMs }, isFinal: isRefusal });
  }

  /**
   * Never waits, never throws. When too many rows wait, the oldest of the owner with most are given up, counted and
   * logged; so is a row that comes after `close`.
   */
  add(row: Row, owner: string): void {
    const { what } = this.#options;
    if (this.#closing.signal.aborted) {
      this.#lost += 1;
      if (!this.#saidTooLate) this.#logger.error({ owner }, `${what} lost: they came when the hub was closing already`);
      this.#saidTooLate = true;
      return;
    }
    const givenUp = this.#waiting.push(row, owner);
    if (givenUp > 0) {
      this.#lost += givenUp;
      this.#logger.error({ lost: givenUp }, `${what} lost: more wait for the database than the hub may hold`);
    }
    this.#running ??= this.#run();
  }

  get stats(): { waiting: number; written: number; lost: number } {
    return { waiting: this.#waiting.size + this.#underWay, written: this.#written, lost: this.#lost };
  }

  /**
   * Takes nothing more, writes what waits. What the database refuses after `patienceMs` is given up; a database that does
   * not even refuse is waited for.
   *
   * @returns whether everything was written
   */
  async close(patienceMs: number): Promise<boolean> {
    const lostBefore = this.#lost;
    this.#closing.abort();
    const takeBack = this.#retry.giveUpAfter(patienceMs);
    await this.#running;
    takeBack();
    return this.#lost === lostBefore;
  }

  async #run(): Promise<void> {
    const { gatherMs, maxRowsPerWrite } = this.#options;
    await sleep(gatherMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    while (this.#waiting.size > 0) {
      const rows = this.#waiting.take({ items: maxRowsPerWrite, bytes: maxBytes.perWrite });
      this.#underWay = rows.length;
      await this.#writeAll(rows);
      this.#underWay = 0;
    }
    this.#running = undefined;
  }

  async #writeAll(rows: readonly Row[]): Promise<void> {
    const { what, write } = this.#options;
    try {
      await this.#retry.untilAnswered(() => write(rows));
      this.#written += rows.length;
    } catch (error) {
      if (isRefusal(error) && rows.length > 1) return this.#writeHalves(rows);
      this.#lost += rows.length;
      this.#logger.error({ err: error, rows: rows.length }, `${what} lost: the database did not take them`);
    }
  }

  /** One row that the database refuses must not take those beside it along. */
  async #writeHalves(rows: readonly Row[]): Promise<void> {
    const middle = Math.ceil(rows.length / 2);
    await this.#writeAll(rows.slice(0, middle));
    await this.#writeAll(rows.slice(middle));
  }
}

/** SQLSTATE classes 22 (data exception), 23 (constraint) and 54 (limit): trying again cannot help. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(22|23|54)/.test(error.code);
}

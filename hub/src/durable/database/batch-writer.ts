/** Rows that are written behind the live path: in order, in batches, bounded, retried while the database is away. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createFairQueue } from "./fair-queue.ts";
import type { DatabaseOutage } from "./outage.ts";
import { createDatabaseRetry } from "./retry.ts";

/** Takes rows, writes them soon. */
export interface BatchWriter<Row> {
  /**
   * Never waits, never throws. When too many rows wait, the oldest of the owner with most are given up, counted and
   * logged; so is a row that comes after `close`.
   */
  add(row: Row, owner: string): void;
  readonly stats: { waiting: number; written: number; lost: number };
  /**
   * Takes nothing more, writes what waits. What the database refuses after `patienceMs` is given up; a database that does
   * not even refuse is waited for.
   *
   * @returns whether everything was written
   */
  close(patienceMs: number): Promise<boolean>;
}

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

/** Makes a writer. Whoever makes it closes it. */
export function createBatchWriter<Row>(
  { logger, outage }: BatchWriterDependencies,
  options: BatchWriterOptions<Row>,
): BatchWriter<Row> {
  const { what, write, maxRowsPerWrite, maxWaiting, retryMs, gatherMs } = options;
  const waiting = createFairQueue<Row>({ items: maxWaiting, bytes: maxBytes.waiting }, options.bytesOf);
  let underWay = 0;
  let written = 0;
  let lost = 0;
  let saidTooLate = false;
  let running: Promise<void> | undefined;
  const closing = new AbortController();
  const retry = createDatabaseRetry(outage, { pauseMs: { first: retryMs, longest: retryMs }, isFinal: isRefusal });

  async function run(): Promise<void> {
    await sleep(gatherMs, undefined, { signal: closing.signal }).catch(() => undefined);
    while (waiting.size > 0) {
      const rows = waiting.take({ items: maxRowsPerWrite, bytes: maxBytes.perWrite });
      underWay = rows.length;
      await writeAll(rows);
      underWay = 0;
    }
    running = undefined;
  }

  async function writeAll(rows: readonly Row[]): Promise<void> {
    try {
      await retry.untilAnswered(() => write(rows));
      written += rows.length;
    } catch (error) {
      if (isRefusal(error) && rows.length > 1) return writeHalves(rows);
      lost += rows.length;
      logger.error({ err: error, rows: rows.length }, `${what} lost: the database did not take them`);
    }
  }

  /** One row that the database refuses must not take those beside it along. */
  async function writeHalves(rows: readonly Row[]): Promise<void> {
    const middle = Math.ceil(rows.length / 2);
    await writeAll(rows.slice(0, middle));
    await writeAll(rows.slice(middle));
  }

  return {
    add(row, owner) {
      if (closing.signal.aborted) {
        lost += 1;
        if (!saidTooLate) logger.error({ owner }, `${what} lost: they came when the hub was closing already`);
        saidTooLate = true;
        return;
      }
      const givenUp = waiting.push(row, owner);
      if (givenUp > 0) {
        lost += givenUp;
        logger.error({ lost: givenUp }, `${what} lost: more wait for the database than the hub may hold`);
      }
      running ??= run();
    },
    get stats() {
      return { waiting: waiting.size + underWay, written, lost };
    },
    async close(patienceMs) {
      const lostBefore = lost;
      closing.abort();
      const takeBack = retry.giveUpAfter(patienceMs);
      await running;
      takeBack();
      return lost === lostBefore;
    },
  };
}

/** SQLSTATE classes 22 (data exception), 23 (constraint) and 54 (limit): trying again cannot help. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(22|23|54)/.test(error.code);
}

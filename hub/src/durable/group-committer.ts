/**
 * Group commit: batches that wait while transactions run share the next one.
 *
 * Two transactions run at a time: while one is being committed, the next one writes its rows already. They move streams
 * in turn, so that a stream's batches are committed in order.
 */
import type { BatchOutcome, Store, StreamStep, TelemetryBatch, TelemetryRow } from "@physical-ai/db";
import type { BackoffOptions } from "@physical-ai/service/backoff";
import { type Observations, unobserved } from "../observations.ts";
import type { BlobStore } from "./blob-store.ts";
import { type DatabaseOutage, DatabaseRetry } from "./outage.ts";
import type { Submission } from "./prepare.ts";

/** More rows wait than the committer may hold. */
export class CommitterFull extends Error {
  override name = "CommitterFull";
}

/** What waits or is being committed now, and counts since the start. */
export interface CommitterStats {
  waitingRows: number;
  /** About how much memory their values take. */
  waitingBytes: number;
  committedRows: number;
  /** Attempts that the database did not answer. */
  retries: number;
}

/** What a group committer works with. */
interface CommitterDependencies {
  store: Pick<Store, "commitTelemetry">;
  blobs: Pick<BlobStore, "write">;
  outage: DatabaseOutage;
  observe?: Pick<Observations, "transaction">;
}

/** Bounds of a group committer. */
export interface GroupCommitterOptions {
  maxRowsPerTransaction: number;
  maxWaitingRows: number;
  /** A transaction waits so long for company, unless so many rows are there already. */
  gather: { ms: number; rows: number };
  /** The pauses between attempts while the database is away. */
  pauses: BackoffOptions;
}

/** Enough rows that the transaction's own cost is small, few enough that an acknowledgement comes soon. */
const defaultCommitterOptions: GroupCommitterOptions = {
  maxRowsPerTransaction: 8_000,
  maxWaitingRows: 200_000,
  gather: { ms: 5, rows: 1_000 },
  pauses: { firstMs: 100, longestMs: 3_000 },
};

/** Whatever the rows hold, pictures included. */
const maxBytes = { perTransaction: 16_000_000, waiting: 256_000_000 };

/** One is being committed while the other writes its rows. */
const maxTransactions = 2;

/** Takes batches, commits them in order. Whoever makes it closes it. */
export class GroupCommitter {
  readonly #store: Pick<Store, "commitTelemetry">;
  readonly #blobs: Pick<BlobStore, "write">;
  readonly #observe: Pick<Observations, "transaction">;
  readonly #options: GroupCommitterOptions;
  readonly #retry: DatabaseRetry;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #waitingBytes = 0;
  /** Of the waiting rows those that are in no transaction yet. */
  #queuedRows = 0;
  #committedRows = 0;
  #running = 0;
  #newest: Promise<void> = Promise.resolve();
  #gathering: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    { store, blobs, outage, observe = unobserved }: CommitterDependencies,
    options: GroupCommitterOptions = defaultCommitterOptions,
  ) {
    this.#store = store;
    this.#blobs = blobs;
    this.#observe = observe;
    this.#options = options;
    this.#retry = new DatabaseRetry(outage, { pauses: options.pauses });
  }

  /**
   * Resolves when the batch is committed, or never can be. While the database is away it waits.
   *
   * @throws {CommitterFull} when the bound of waiting rows is reached: nothing was taken
   */
  submit(submission: Submission): Promise<BatchOutcome> {
    const { maxWaitingRows } = this.#options;
    const rows = submission.rows.length;
    if (this.#closed || this.#waitingRows + rows > maxWaitingRows) {
      throw new CommitterFull(`${this.#waitingRows} rows wait for the database, at most ${maxWaitingRows} may`);
    }
    if (this.#waitingBytes + submission.bytes > maxBytes.waiting) {
      throw new CommitterFull(`${this.#waitingBytes} bytes wait for the database, at most ${maxBytes.waiting} may`);
    }
    this.#waitingRows += rows;
    this.#waitingBytes += submission.bytes;
    this.#queuedRows += rows;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ submission, resolve, reject });
      this.#schedule();
    });
  }

  get stats(): CommitterStats {
    return {
      waitingRows: this.#waitingRows,
      waitingBytes: this.#waitingBytes,
      committedRows: this.#committedRows,
      retries: this.#retry.retries,
    };
  }

  /**
   * Commits what waits, and takes nothing more. What the database refuses after `patienceMs` is given up; a database that
   * does not even refuse is waited for.
   *
   * @returns false when something was given up
   */
  async close(patienceMs: number): Promise<boolean> {
    this.#closed = true;
    const takeBack = this.#retry.giveUpAfter(patienceMs);
    this.#schedule();
    while (this.#running > 0 || this.#waiting.length > 0) await this.#newest;
    takeBack();
    return !this.#retry.givenUp;
  }

  /** Few rows wait a moment for company: what a transaction costs hardly depends on how many it has. */
  #schedule(): void {
    if (this.#waiting.length === 0 || this.#running === maxTransactions) return;
    const { gather } = this.#options;
    if (this.#closed || this.#queuedRows >= gather.rows) this.#begin();
    else this.#gathering ??= setTimeout(() => this.#begin(), gather.ms);
  }

  #begin(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const { units, taken } = nextTransaction(
      this.#waiting,
      this.#options.maxRowsPerTransaction,
      maxBytes.perTransaction,
    );
    this.#waiting = this.#waiting.slice(taken);
    for (const unit of units) this.#queuedRows -= unit.batch.rows.length;
    this.#running++;
    this.#newest = this.#commit(units, this.#newest).finally(() => {
      this.#running--;
      this.#schedule();
    });
  }

  /** `before` ends when all transactions before this one are settled, in whichever way; this one ends after it. */
  async #commit(units: readonly Unit[], before: Promise<void>): Promise<void> {
    try {
      // An attempt whose end was not heard may have been committed: the stream's compare-and-set then tells.
      const outcomes = await this.#retry.untilAnswered(() => this.#attempt(units, before));
      for (const [index, outcome] of outcomes.entries()) {
        for (const member of units[index]?.members ?? []) member.resolve(outcome);
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const unit of units) for (const member of unit.members) member.reject(reason);
    } finally {
      for (const unit of units) {
        this.#waitingRows -= unit.batch.rows.length;
        for (const { submission } of unit.members) this.#waitingBytes -= submission.bytes;
      }
      await before;
    }
  }

  async #attempt(units: readonly Unit[], before: Promise<void>): Promise<BatchOutcome[]> {
    const batches = units.map((unit) => unit.batch);
    const blobs = units.flatMap((unit) => unit.members.flatMap((member) => member.submission.blobs));
    // While the transaction before this one is being committed. Once the rows have named them they are there already, but
    // for those that a sweep removed in between.
    await this.#blobs.write(blobs);
    const startedAt = performance.now();
    const outcomes = await this.#store.commitTelemetry(batches, {
      rowsWritten: () => before,
      blobsNamed: () => this.#blobs.write(blobs),
    });
    let rows = 0;
    for (const [index, { kind }] of outcomes.entries()) {
      if (kind === "committed") rows += batches[index]?.rows.length ?? 0;
    }
    this.#committedRows += rows;
    this.#observe.transaction(rows, performance.now() - startedAt);
    return outcomes;
  }
}

/** A submission whose sender waits for the outcome. */
export interface Waiting {
  submission: Submission;
  resolve(outcome: BatchOutcome): void;
  reject(error: Error): void;
}

/** One batch for the store: submissions of one stream that follow on each other, or one without a stream. */
export interface Unit {
  batch: TelemetryBatch;
  members: Waiting[];
}

/**
 * Takes from the front of the queue what fits into one transaction. A stream has one compare-and-set a transaction:
 * its submissions become one unit while they follow on each other, and the first that does not ends the transaction.
 *
 * @param queue not empty
 * @returns the units, and how many submissions they took; at least one
 */
export function nextTransaction(
  queue: readonly Waiting[],
  maxRows: number,
  maxBytes = Number.POSITIVE_INFINITY,
): { units: Unit[]; taken: number } {
  const units: OpenUnit[] = [];
  const ofStream = new Map<string, OpenUnit>();
  let rows = 0;
  let bytes = 0;
  let taken = 0;
  for (const waiting of queue) {
    const { submission } = waiting;
    rows += submission.rows.length;
    bytes += submission.bytes;
    if (taken > 0 && (rows > maxRows || bytes > maxBytes)) break;
    const before = submission.stream === undefined ? undefined : ofStream.get(submission.stream.streamId);
    if (before === undefined) {
      const unit = { members: [waiting], rows: [...submission.rows], stream: submission.stream };
      units.push(unit);
      if (submission.stream !== undefined) ofStream.set(submission.stream.streamId, unit);
    } else if (!append(before, waiting)) {
      break;
    }
    taken++;
  }
  return { units: units.map(closeUnit), taken };
}

interface OpenUnit {
  members: Waiting[];
  rows: TelemetryRow[];
  stream: StreamStep | undefined;
}

function append(unit: OpenUnit, waiting: Waiting): boolean {
  const { rows, stream } = waiting.submission;
  if (stream === undefined || unit.stream === undefined || unit.stream.lastSeq !== stream.expectedSeq) return false;
  unit.members.push(waiting);
  for (const row of rows) unit.rows.push(row);
  unit.stream = { ...unit.stream, lastSeq: stream.lastSeq };
  return true;
}

function closeUnit({ members, rows, stream }: OpenUnit): Unit {
  return { members, batch: stream === undefined ? { rows } : { rows, stream } };
}

/**
 * Group commit: batches that wait while transactions run share the next one.
 *
 * Two transactions run at a time: while one is being committed, the next one writes its rows already. They move streams
 * in turn, so that a stream's batches are committed in order.
 */
import type { BatchOutcome, Store, TelemetryBatch } from "@physical-ai/db";
import { type Observations, unobserved } from "../observations.ts";
import type { BlobStore } from "./blob-store.ts";
import type { DatabaseOutage } from "./database/outage.ts";
import { createDatabaseRetry } from "./database/retry.ts";
import { bytesOf, nextTransaction, type Submission, type Unit, type Waiting } from "./transaction-plan.ts";

/** More rows wait than the committer may hold. */
export class CommitterFull extends Error {
  override name = "CommitterFull";
}

/** Takes batches, commits them in order. */
export interface GroupCommitter {
  /**
   * Resolves when the batch is committed, or never can be. While the database is away it waits.
   *
   * @throws {CommitterFull} when the bound of waiting rows is reached: nothing was taken
   */
  submit(submission: Submission): Promise<BatchOutcome>;
  readonly stats: CommitterStats;
  /**
   * Commits what waits, and takes nothing more. What the database refuses after `patienceMs` is given up; a database that
   * does not even refuse is waited for.
   *
   * @returns false when something was given up
   */
  close(patienceMs: number): Promise<boolean>;
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
  /** First and longest pause between attempts while the database is away. */
  retryMs: { first: number; longest: number };
}

/** Enough rows that the transaction's own cost is small, few enough that an acknowledgement comes soon. */
const defaultCommitterOptions: GroupCommitterOptions = {
  maxRowsPerTransaction: 8_000,
  maxWaitingRows: 200_000,
  gather: { ms: 5, rows: 1_000 },
  retryMs: { first: 100, longest: 3_000 },
};

/** Whatever the rows hold, pictures included. */
const maxBytes = { perTransaction: 16_000_000, waiting: 256_000_000 };

/** One is being committed while the other writes its rows. */
const maxTransactions = 2;

/** Makes a committer on the store and the blob store. */
export function createGroupCommitter(
  { store, blobs, outage, observe = unobserved }: CommitterDependencies,
  options: GroupCommitterOptions = defaultCommitterOptions,
): GroupCommitter {
  let waiting: Waiting[] = [];
  let waitingRows = 0;
  let waitingBytes = 0;
  let committedRows = 0;
  let running = 0;
  let newest: Promise<void> = Promise.resolve();
  let queuedRows = 0;
  let gathering: NodeJS.Timeout | undefined;
  let closed = false;
  const retry = createDatabaseRetry(outage, { pauseMs: options.retryMs });

  /** Few rows wait a moment for company: what a transaction costs hardly depends on how many it has. */
  function schedule(): void {
    if (waiting.length === 0 || running === maxTransactions) return;
    if (closed || queuedRows >= options.gather.rows) begin();
    else gathering ??= setTimeout(begin, options.gather.ms);
  }

  function begin(): void {
    clearTimeout(gathering);
    gathering = undefined;
    const { units, taken } = nextTransaction(waiting, options.maxRowsPerTransaction, maxBytes.perTransaction);
    waiting = waiting.slice(taken);
    for (const unit of units) queuedRows -= unit.batch.rows.length;
    running++;
    newest = commit(units, newest).finally(() => {
      running--;
      schedule();
    });
  }

  /** `before` ends when all transactions before this one are settled, in whichever way; this one ends after it. */
  async function commit(units: readonly Unit[], before: Promise<void>): Promise<void> {
    try {
      const named = units.flatMap((unit) => unit.members.flatMap((member) => member.submission.blobs));
      const keepBlobs = () => blobs.write(named);
      // An attempt whose end was not heard may have been committed: the stream's compare-and-set then tells.
      const outcomes = await retry.untilAnswered(async () => {
        // While the transaction before this one is being committed; in the transaction they are there already.
        await keepBlobs();
        return transaction(
          units.map((unit) => unit.batch),
          before,
          keepBlobs,
        );
      });
      for (const [index, outcome] of outcomes.entries()) {
        for (const member of units[index]?.members ?? []) member.resolve(outcome);
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const unit of units) for (const member of unit.members) member.reject(reason);
    } finally {
      for (const unit of units) {
        waitingRows -= unit.batch.rows.length;
        for (const { submission } of unit.members) waitingBytes -= bytesOf(submission);
      }
      await before;
    }
  }

  async function transaction(
    batches: readonly TelemetryBatch[],
    before: Promise<void>,
    keepBlobs: () => Promise<void>,
  ): Promise<BatchOutcome[]> {
    const startedAt = performance.now();
    const outcomes = await store.commitTelemetry(batches, () => before, keepBlobs);
    let rows = 0;
    for (const [index, { kind }] of outcomes.entries())
      if (kind === "committed") rows += batches[index]?.rows.length ?? 0;
    committedRows += rows;
    observe.transaction(rows, performance.now() - startedAt);
    return outcomes;
  }

  return {
    submit(submission) {
      const rows = submission.rows.length;
      if (closed || waitingRows + rows > options.maxWaitingRows) {
        throw new CommitterFull(`${waitingRows} rows wait for the database, at most ${options.maxWaitingRows} may`);
      }
      const bytes = bytesOf(submission);
      if (waitingBytes + bytes > maxBytes.waiting) {
        throw new CommitterFull(`${waitingBytes} bytes wait for the database, at most ${maxBytes.waiting} may`);
      }
      waitingRows += rows;
      waitingBytes += bytes;
      queuedRows += rows;
      return new Promise((resolve, reject) => {
        waiting.push({ submission, resolve, reject });
        schedule();
      });
    },
    get stats() {
      return { waitingRows, waitingBytes, committedRows, retries: retry.retries };
    },
    async close(patienceMs) {
      closed = true;
      const takeBack = retry.giveUpAfter(patienceMs);
      schedule();
      while (running > 0 || waiting.length > 0) await newest;
      takeBack();
      return !retry.givenUp;
    },
  };
}

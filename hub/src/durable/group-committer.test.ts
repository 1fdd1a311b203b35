import type { BatchOutcome, Store, TelemetryBatch, TelemetryRow } from "@physical-ai/db";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { BlobStore } from "./blob-store.ts";
import { CommitterFull, GroupCommitter, nextTransaction, type Waiting } from "./group-committer.ts";
import { DatabaseOutage } from "./outage.ts";
import { type Submission, submissionOf } from "./prepare.ts";

const outage = new DatabaseOutage(pino({ level: "silent" }));
const options = {
  maxRowsPerTransaction: 100,
  maxWaitingRows: 10,
  gather: { ms: 0, rows: 1_000 },
  pauses: { firstMs: 1, longestMs: 2 },
};
const noBlobs: Pick<BlobStore, "write"> = { write: async () => undefined };
const committed: BatchOutcome = { kind: "committed" };
const away = new Error("the database is away");

type Commit = Store["commitTelemetry"];

function createCommitter(commitTelemetry: Commit, blobs = noBlobs) {
  return new GroupCommitter({ store: { commitTelemetry }, blobs, outage }, options);
}

/** A commit that is held until the test lets it go. */
function createHeldCommit() {
  const transactions: { batches: readonly TelemetryBatch[]; finish(): void }[] = [];
  const commit: Commit = (batches) =>
    new Promise((resolve) => {
      transactions.push({ batches, finish: () => resolve(batches.map(() => committed)) });
    });
  return { transactions, commit };
}

/** Streams that move by compare-and-set, as the database's do. */
function createStreams() {
  const committedSeqs = new Map<string, number>();
  const commit: Commit = async (batches) =>
    batches.map(({ stream }) => {
      if (stream === undefined) return committed;
      const committedSeq = committedSeqs.get(stream.streamId) ?? 0;
      if (committedSeq !== stream.expectedSeq) return { kind: "conflict", committedSeq };
      committedSeqs.set(stream.streamId, stream.lastSeq);
      return committed;
    });
  return { committedSeqs, commit };
}

function rowsOf(count: number): TelemetryRow[] {
  const row = { robotId: "r", robotType: "t", dataType: "d", valueJson: "1", createdAt: 0, receivedAt: 0 };
  return Array.from({ length: count }, () => ({ ...row, streamId: undefined, seq: undefined }));
}

const loose = (count: number): Submission => submissionOf(rowsOf(count), []);
const step = (streamId: string, expectedSeq: number, lastSeq: number): Submission =>
  submissionOf(rowsOf(lastSeq - expectedSeq), [], { streamId, expectedSeq, lastSeq });

describe("the group committer", () => {
  it("lets batches that come while a transaction runs share the next one", async () => {
    const { transactions, commit } = createHeldCommit();
    const committer = createCommitter(commit);
    const first = committer.submit(loose(1));
    await expect.poll(() => transactions).toHaveLength(1);
    const others = [committer.submit(loose(2)), committer.submit(step("a", 0, 3)), committer.submit(step("a", 3, 4))];
    transactions[0]?.finish();
    expect(await first).toEqual(committed);
    await expect.poll(() => transactions).toHaveLength(2);
    expect(transactions[1]?.batches.map((batch) => batch.rows.length)).toEqual([2, 4]);
    transactions[1]?.finish();
    expect(await Promise.all(others)).toEqual([committed, committed, committed]);
    expect(committer.stats.waitingRows).toBe(0);
  });

  it("tells each batch its own outcome", async () => {
    const { commit } = createStreams();
    const committer = createCommitter(commit);
    const outcomes = await Promise.all([
      committer.submit(step("a", 0, 2)),
      committer.submit(step("b", 5, 6)),
      committer.submit(step("a", 2, 3)),
    ]);
    expect(outcomes).toEqual([committed, { kind: "conflict", committedSeq: 0 }, committed]);
  });

  it("has blobs on disk before the rows that refer to them are committed", async () => {
    const order: string[] = [];
    const committer = createCommitter(
      async (batches) => {
        order.push("rows");
        return batches.map(() => committed);
      },
      {
        async write(blobs) {
          await Promise.resolve();
          order.push(...blobs.map((blob) => blob.sha256));
        },
      },
    );
    await committer.submit(submissionOf(rowsOf(1), [{ sha256: "5a", bytes: new Uint8Array(1) }]));
    expect(order).toEqual(["5a", "rows"]);
  });

  it("waits while the database is away, and commits when it is back", async () => {
    const { commit } = createStreams();
    let attempts = 0;
    let isAway = true;
    const committer = createCommitter(async (batches, moments) => {
      attempts++;
      if (isAway) throw away;
      await moments?.rowsWritten?.();
      return commit(batches);
    });
    const early = committer.submit(step("a", 0, 2));
    await expect.poll(() => attempts).toBeGreaterThan(1);
    const late = committer.submit(step("a", 2, 3));
    isAway = false;
    expect(await Promise.all([early, late])).toEqual([committed, committed]);
  });

  it("leaves to the compare-and-set what an attempt did whose end was not heard", async () => {
    const { committedSeqs, commit } = createStreams();
    let heard = false;
    const committer = createCommitter(async (batches) => {
      const outcomes = await commit(batches);
      if (heard) return outcomes;
      heard = true;
      throw new Error("the connection broke after COMMIT");
    });
    expect(await committer.submit(step("a", 0, 2))).toEqual({ kind: "conflict", committedSeq: 2 });
    expect(committedSeqs.get("a")).toBe(2);
  });

  it("refuses what is more than it may hold, takes nothing of it, and has room again afterwards", async () => {
    const { transactions, commit } = createHeldCommit();
    const committer = createCommitter(commit);
    const held = committer.submit(loose(8));
    expect(() => committer.submit(loose(3))).toThrow(CommitterFull);
    expect(committer.stats.waitingRows).toBe(8);
    await expect.poll(() => transactions).toHaveLength(1);
    transactions[0]?.finish();
    await held;
    const next = committer.submit(loose(10));
    await expect.poll(() => transactions).toHaveLength(2);
    transactions[1]?.finish();
    expect(await next).toEqual(committed);
  });

  it("commits what waits before it closes, and takes nothing more", async () => {
    const { transactions, commit } = createHeldCommit();
    const committer = createCommitter(commit);
    const waiting = committer.submit(loose(1));
    await expect.poll(() => transactions).toHaveLength(1);
    const closing = committer.close(10_000);
    expect(() => committer.submit(loose(1))).toThrow(CommitterFull);
    transactions[0]?.finish();
    await closing;
    expect(await waiting).toEqual(committed);
  });

  it("gives up what the database does not take while closing, and says so", async () => {
    const committer = createCommitter(async () => {
      throw away;
    });
    const outcomes = Promise.allSettled([committer.submit(loose(1)), committer.submit(loose(1))]);
    await committer.close(5);
    const givenUp = { status: "rejected", reason: new Error("the hub stopped before the database took it") };
    expect(await outcomes).toEqual([givenUp, givenUp]);
    expect(committer.stats.waitingRows).toBe(0);
  });
});

const ignore = () => undefined;

function rowOf(seq: number): TelemetryRow {
  const [createdAt, receivedAt, streamId] = [0, 0, undefined];
  return { robotId: "r", robotType: "t", dataType: "d", valueJson: "1", createdAt, receivedAt, streamId, seq };
}

/** Packets `expectedSeq + 1` to `lastSeq` of a stream. */
function waitingStep(streamId: string, expectedSeq: number, lastSeq: number): Waiting {
  const rows = Array.from({ length: lastSeq - expectedSeq }, (_, index) => rowOf(expectedSeq + index + 1));
  return {
    submission: submissionOf(rows, [], { streamId, expectedSeq, lastSeq }),
    resolve: ignore,
    reject: ignore,
  };
}

function waitingLoose(count: number): Waiting {
  const rows = Array.from({ length: count }, (_, index) => rowOf(index));
  return { submission: submissionOf(rows, []), resolve: ignore, reject: ignore };
}

/** What a plan comes to: each unit's stream step and number of rows. */
function planOf(queue: readonly Waiting[], maxRows = 100) {
  const { units, taken } = nextTransaction(queue, maxRows);
  return { taken, units: units.map(({ batch }) => [batch.stream, batch.rows.length]) };
}

describe("nextTransaction", () => {
  it("takes batches of different streams, and those without one, together", () => {
    expect(planOf([waitingStep("a", 0, 2), waitingLoose(1), waitingStep("b", 7, 8), waitingLoose(3)])).toEqual({
      taken: 4,
      units: [
        [{ streamId: "a", expectedSeq: 0, lastSeq: 2 }, 2],
        [undefined, 1],
        [{ streamId: "b", expectedSeq: 7, lastSeq: 8 }, 1],
        [undefined, 3],
      ],
    });
  });

  it("makes one step of batches of one stream that follow on each other", () => {
    const queue = [waitingStep("a", 0, 2), waitingStep("b", 0, 1), waitingStep("a", 2, 5), waitingStep("a", 5, 6)];
    const { units } = nextTransaction(queue, 100);
    expect(units[0]?.batch.stream).toEqual({ streamId: "a", expectedSeq: 0, lastSeq: 6 });
    expect(units[0]?.batch.rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(units[0]?.members).toEqual([queue[0], queue[2], queue[3]]);
    expect(units).toHaveLength(2);
  });

  it("leaves the batches as they were submitted", () => {
    const first = waitingStep("a", 0, 2);
    nextTransaction([first, waitingStep("a", 2, 5)], 100);
    expect(first.submission.rows).toHaveLength(2);
    expect(first.submission.stream).toEqual({ streamId: "a", expectedSeq: 0, lastSeq: 2 });
  });

  it("lets a step of no rows wait with the batch that it asks about", () => {
    expect(planOf([waitingStep("a", 0, 2), waitingStep("a", 2, 2)])).toEqual({
      taken: 2,
      units: [[{ streamId: "a", expectedSeq: 0, lastSeq: 2 }, 2]],
    });
  });

  it("ends before a batch that does not follow on, so that order is kept", () => {
    const queue = [waitingStep("a", 0, 2), waitingStep("b", 0, 1), waitingStep("a", 0, 2), waitingStep("c", 0, 1)];
    expect(planOf(queue).taken).toBe(2);
    expect(planOf(queue.slice(2)).taken).toBe(2);
  });

  it("ends before it becomes too large", () => {
    const queue = [waitingStep("a", 0, 40), waitingStep("a", 40, 80), waitingStep("a", 80, 120)];
    expect(planOf(queue, 100).taken).toBe(2);
    expect(planOf(queue, 80).taken).toBe(2);
    expect(planOf(queue, 79).taken).toBe(1);
  });

  it("ends before it takes too much memory, pictures included", () => {
    const picture = { sha256: "", bytes: new Uint8Array(1_000) };
    const queue = [1, 2, 3].map(() => {
      const waiting = waitingLoose(1);
      return { ...waiting, submission: submissionOf(waiting.submission.rows, [picture]) };
    });
    expect(nextTransaction(queue, 100, 2_500).taken).toBe(2);
    expect(nextTransaction(queue, 100, 10).taken).toBe(1);
  });

  it("takes one batch however large it is", () => {
    expect(planOf([waitingStep("a", 0, 500), waitingLoose(1)], 100).taken).toBe(1);
  });
});

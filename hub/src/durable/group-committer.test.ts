import type { BatchOutcome, Store, TelemetryBatch, TelemetryRow } from "@physical-ai/db";
import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import type { BlobStore } from "./blob-store.ts";
import { createDatabaseOutage } from "./database/outage.ts";
import { CommitterFull, createGroupCommitter } from "./group-committer.ts";
import type { Submission } from "./transaction-plan.ts";

const outage = createDatabaseOutage(pino({ level: "silent" }));
const options = {
  maxRowsPerTransaction: 100,
  maxWaitingRows: 10,
  gather: { ms: 0, rows: 1_000 },
  retryMs: { first: 1, longest: 2 },
};
const noBlobs: Pick<BlobStore, "write"> = { write: async () => undefined };
const committed: BatchOutcome = { kind: "committed" };
const away = new Error("the database is away");

type Commit = Store["commitTelemetry"];

function createCommitter(commitTelemetry: Commit, blobs = noBlobs) {
  return createGroupCommitter({ store: { commitTelemetry }, blobs, outage }, options);
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

const loose = (count: number): Submission => ({ rows: rowsOf(count), blobs: [] });
const step = (streamId: string, expectedSeq: number, lastSeq: number): Submission => ({
  rows: rowsOf(lastSeq - expectedSeq),
  blobs: [],
  stream: { streamId, expectedSeq, lastSeq },
});

describe("the group committer", () => {
  it("lets batches that come while a transaction runs share the next one", async () => {
    const { transactions, commit } = createHeldCommit();
    const committer = createCommitter(commit);
    const first = committer.submit(loose(1));
    await vi.waitFor(() => expect(transactions).toHaveLength(1));
    const others = [committer.submit(loose(2)), committer.submit(step("a", 0, 3)), committer.submit(step("a", 3, 4))];
    transactions[0]?.finish();
    expect(await first).toEqual(committed);
    await vi.waitFor(() => expect(transactions).toHaveLength(2));
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
    await committer.submit({ ...loose(1), blobs: [{ sha256: "5a", bytes: new Uint8Array(1) }] });
    expect(order).toEqual(["5a", "rows"]);
  });

  it("waits while the database is away, and commits when it is back", async () => {
    const { commit } = createStreams();
    let attempts = 0;
    const committer = createCommitter(async (batches) => {
      attempts++;
      if (attempts <= 3) throw away;
      return commit(batches);
    });
    const early = committer.submit(step("a", 0, 2));
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(1));
    const late = committer.submit(step("a", 2, 3));
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
    await vi.waitFor(() => expect(transactions).toHaveLength(1));
    transactions[0]?.finish();
    await held;
    const next = committer.submit(loose(10));
    await vi.waitFor(() => expect(transactions).toHaveLength(2));
    transactions[1]?.finish();
    expect(await next).toEqual(committed);
  });

  it("commits what waits before it closes, and takes nothing more", async () => {
    const { transactions, commit } = createHeldCommit();
    const committer = createCommitter(commit);
    const waiting = committer.submit(loose(1));
    await vi.waitFor(() => expect(transactions).toHaveLength(1));
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

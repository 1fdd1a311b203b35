import type { TelemetryRow } from "@physical-ai/db";
import { describe, expect, it } from "vitest";
import { nextTransaction, type Waiting } from "./transaction-plan.ts";

const ignore = () => undefined;

function rowOf(seq: number): TelemetryRow {
  const [createdAt, receivedAt, streamId] = [0, 0, undefined];
  return { robotId: "r", robotType: "t", dataType: "d", valueJson: "1", createdAt, receivedAt, streamId, seq };
}

/** Packets `expectedSeq + 1` to `lastSeq` of a stream. */
function step(streamId: string, expectedSeq: number, lastSeq: number): Waiting {
  const rows = Array.from({ length: lastSeq - expectedSeq }, (_, index) => rowOf(expectedSeq + index + 1));
  return {
    submission: { rows, blobs: [], stream: { streamId, expectedSeq, lastSeq } },
    resolve: ignore,
    reject: ignore,
  };
}

function loose(count: number): Waiting {
  const rows = Array.from({ length: count }, (_, index) => rowOf(index));
  return { submission: { rows, blobs: [] }, resolve: ignore, reject: ignore };
}

/** What a plan comes to: each unit's stream step and number of rows. */
function planOf(queue: readonly Waiting[], maxRows = 100) {
  const { units, taken } = nextTransaction(queue, maxRows);
  return { taken, units: units.map(({ batch }) => [batch.stream, batch.rows.length]) };
}

describe("nextTransaction", () => {
  it("takes batches of different streams, and those without one, together", () => {
    expect(planOf([step("a", 0, 2), loose(1), step("b", 7, 8), loose(3)])).toEqual({
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
    const queue = [step("a", 0, 2), step("b", 0, 1), step("a", 2, 5), step("a", 5, 6)];
    const { units } = nextTransaction(queue, 100);
    expect(units[0]?.batch.stream).toEqual({ streamId: "a", expectedSeq: 0, lastSeq: 6 });
    expect(units[0]?.batch.rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(units[0]?.members).toEqual([queue[0], queue[2], queue[3]]);
    expect(units).toHaveLength(2);
  });

  it("leaves the batches as they were submitted", () => {
    const first = step("a", 0, 2);
    nextTransaction([first, step("a", 2, 5)], 100);
    expect(first.submission.rows).toHaveLength(2);
    expect(first.submission.stream).toEqual({ streamId: "a", expectedSeq: 0, lastSeq: 2 });
  });

  it("lets a step of no rows wait with the batch that it asks about", () => {
    expect(planOf([step("a", 0, 2), step("a", 2, 2)])).toEqual({
      taken: 2,
      units: [[{ streamId: "a", expectedSeq: 0, lastSeq: 2 }, 2]],
    });
  });

  it("ends before a batch that does not follow on, so that order is kept", () => {
    const queue = [step("a", 0, 2), step("b", 0, 1), step("a", 0, 2), step("c", 0, 1)];
    expect(planOf(queue).taken).toBe(2);
    expect(planOf(queue.slice(2)).taken).toBe(2);
  });

  it("ends before it becomes too large", () => {
    const queue = [step("a", 0, 40), step("a", 40, 80), step("a", 80, 120)];
    expect(planOf(queue, 100).taken).toBe(2);
    expect(planOf(queue, 80).taken).toBe(2);
    expect(planOf(queue, 79).taken).toBe(1);
  });

  it("ends before it takes too much memory, pictures included", () => {
    const picture = { sha256: "", bytes: new Uint8Array(1_000) };
    const queue = [1, 2, 3].map(() => {
      const waiting = loose(1);
      return { ...waiting, submission: { ...waiting.submission, blobs: [picture] } };
    });
    expect(nextTransaction(queue, 100, 2_500).taken).toBe(2);
    expect(nextTransaction(queue, 100, 10).taken).toBe(1);
  });

  it("takes one batch however large it is", () => {
    expect(planOf([step("a", 0, 500), loose(1)], 100).taken).toBe(1);
  });
});

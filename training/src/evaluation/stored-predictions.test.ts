import type { StoredPrediction, StoredTelemetry } from "@physical-ai/export";
import { expect, test } from "vitest";
import { PredictedThen } from "./stored-predictions.ts";

const deadlineMs = 1_000;

function row(streamId: string | undefined, seq: number | undefined, createdAtMs: number): StoredTelemetry {
  const robot = { robotId: "r", robotType: "R", dataType: "t" };
  return { id: "1", ...robot, value: 0, createdAtMs, receivedAtMs: createdAtMs, streamId, seq };
}

function prediction(streamId: string | undefined, lastSeq: number | undefined, createdAtMs: number): StoredPrediction {
  return { modelVersion: "m", streamId, lastSeq, label: `${streamId} ${lastSeq}`, numbersJson: "{}", createdAtMs };
}

/** One at a time; what was read is noted. */
function predictedThen(...predictions: readonly StoredPrediction[]) {
  const read: StoredPrediction[] = [];
  async function* batches() {
    for (const one of predictions) {
      read.push(one);
      yield [one];
    }
  }
  const then = new PredictedThen(batches(), deadlineMs);
  const labels = async (...rows: readonly StoredTelemetry[]) => (await then.of(rows)).map((found) => found?.label);
  return { labels, read };
}

test("finds the prediction of each row, in its stream", async () => {
  const { labels } = predictedThen(prediction("a", 1, 5), prediction("b", 1, 6), prediction("a", 3, 900));
  expect(await labels(row("a", 1, 0), row("b", 1, 1), row("b", 2, 2))).toEqual(["a 1", "b 1", undefined]);
  expect(await labels(row("a", 3, 10))).toEqual(["a 3"]);
});

test("packets without a stream were named by no prediction", async () => {
  const { labels } = predictedThen(prediction(undefined, undefined, 5));
  expect(await labels(row(undefined, undefined, 0))).toEqual([undefined]);
});

test("reads no further ahead than a prediction can be behind its row", async () => {
  const far = [20_000, 40_000, 60_000].map((atMs, index) => prediction("a", index, atMs));
  const { labels, read } = predictedThen(...far);
  expect(await labels(row("a", 0, 10_000))).toEqual(["a 0"]);
  expect(read).toHaveLength(2);
});

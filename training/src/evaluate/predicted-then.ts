/** Finds what was predicted when rows were new. */
import { readPredictions, type StoredPrediction, type StoredTelemetry } from "@physical-ai/db";
import type { Pool } from "pg";

/** The hub pushes nothing older to workers, by its clock and with some room for that of other hubs. */
const liveWithinMs = 15_000;

/** Follows the predictions of a policy beside its rows, each read once; what lies behind is forgotten. */
export interface PredictedThen {
  /** For each row in its place; rows come in the order of time. */
  of(rows: readonly StoredTelemetry[]): Promise<(StoredPrediction | undefined)[]>;
}

/** @param deadlineMs a prediction came at most so long after its row */
export function followPredictions(pool: Pool, policy: string, deadlineMs: number): PredictedThen {
  const predictions = new Map<string, StoredPrediction>();
  const readUntil = new Map<string, number>();

  const readAhead = async (robots: ReadonlySet<string>, fromMs: number, untilMs: number): Promise<void> => {
    const wanted = [...robots].map((robotId) => {
      const sinceMs = Math.max(fromMs, readUntil.get(robotId) ?? fromMs);
      return { robotId, sinceMs };
    });
    for (const prediction of await readPredictions(pool, policy, wanted, untilMs)) {
      const key = keyOf(prediction.streamId, prediction.lastSeq);
      if (key !== undefined) predictions.set(key, prediction);
    }
    for (const robotId of robots) readUntil.set(robotId, untilMs);
  };

  const forgetBefore = (timeMs: number): void => {
    for (const [key, { createdAtMs }] of predictions) if (createdAtMs < timeMs) predictions.delete(key);
  };

  return {
    async of(rows) {
      const [oldest, newest] = [rows.at(0), rows.at(-1)];
      if (oldest === undefined || newest === undefined) return [];
      const fromMs = Math.floor(oldest.createdAtMs) - liveWithinMs;
      forgetBefore(fromMs);
      const robots = new Set(rows.map(({ robotId }) => robotId));
      await readAhead(robots, fromMs, Math.ceil(newest.createdAtMs) + liveWithinMs + deadlineMs);
      return rows.map(({ streamId, seq }) => {
        const key = keyOf(streamId, seq);
        return key === undefined ? undefined : predictions.get(key);
      });
    },
  };
}

/** Undefined for packets of clients without a stream: no prediction can name them. */
function keyOf(streamId: string | undefined, seq: number | undefined): string | undefined {
  return streamId === undefined || seq === undefined ? undefined : `${streamId} ${seq}`;
}

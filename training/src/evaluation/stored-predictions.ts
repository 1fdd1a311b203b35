/** Finds what was predicted when rows were new. */
import type { StoredPrediction, StoredTelemetry, TelemetrySelection } from "@physical-ai/export";
import type { Policy } from "@physical-ai/policy";

/** The hub pushes nothing older to workers, by its clock and with some room for that of other hubs. */
const liveWithinMs = 15_000;

/** Follows the predictions of a policy beside its rows, each read once; what lies behind is forgotten. */
export interface PredictedThen {
  /** For each row in its place; rows come in the order of time, one call after the other. */
  of(rows: readonly StoredTelemetry[]): Promise<(StoredPrediction | undefined)[]>;
  /** Reads no further. */
  close(): Promise<void>;
}

/** The predictions that were made from the rows of a selection. */
export function predictionsFor(
  { name, definition }: Pick<Policy, "name" | "definition">,
  { robots, since, until }: Pick<TelemetrySelection, "robots" | "since" | "until">,
): TelemetrySelection {
  return {
    robots,
    types: [name],
    since: since === undefined ? undefined : new Date(since.getTime() - liveWithinMs),
    until: until === undefined ? undefined : new Date(until.getTime() + liveWithinMs + definition.deadline_ms),
  };
}

/**
 * @param batches in the order of `created_at`; closed with what follows them
 * @param deadlineMs a prediction came at most so long after its row
 */
export function followPredictions(
  batches: AsyncGenerator<readonly StoredPrediction[], void>,
  deadlineMs: number,
): PredictedThen {
  /** By stream, then by the seq of the newest packet; both in the order of time. */
  const predictions = new Map<string, Map<number, StoredPrediction>>();
  let readUntilMs = Number.NEGATIVE_INFINITY;

  /** Packets of clients without a stream have no name that a prediction could give. */
  const note = (prediction: StoredPrediction): void => {
    const { streamId, lastSeq } = prediction;
    if (streamId === undefined || lastSeq === undefined) return;
    const ofStream = predictions.get(streamId) ?? new Map<number, StoredPrediction>();
    predictions.set(streamId, ofStream.set(lastSeq, prediction));
  };

  const readAhead = async (untilMs: number): Promise<void> => {
    while (readUntilMs <= untilMs) {
      const { done, value: batch } = await batches.next();
      if (done === true) readUntilMs = Number.POSITIVE_INFINITY;
      else {
        for (const prediction of batch) note(prediction);
        readUntilMs = batch.at(-1)?.createdAtMs ?? readUntilMs;
      }
    }
  };

  const forgetBefore = (timeMs: number): void => {
    for (const [streamId, ofStream] of predictions) {
      for (const [seq, { createdAtMs }] of ofStream) {
        if (createdAtMs >= timeMs) break;
        ofStream.delete(seq);
      }
      if (ofStream.size === 0) predictions.delete(streamId);
    }
  };

  return {
    async of(rows) {
      const [oldest, newest] = [rows.at(0), rows.at(-1)];
      if (oldest === undefined || newest === undefined) return [];
      forgetBefore(oldest.createdAtMs - liveWithinMs);
      await readAhead(newest.createdAtMs + liveWithinMs + deadlineMs);
      return rows.map(({ streamId = "", seq = 0 }) => predictions.get(streamId)?.get(seq));
    },
    async close() {
      await batches.return();
    },
  };
}

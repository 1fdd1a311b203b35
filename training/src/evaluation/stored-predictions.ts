/** Finds what was predicted when rows were new. */
import type { StoredPrediction, StoredTelemetry, TelemetrySelection } from "@physical-ai/export";
import type { Policy } from "@physical-ai/policy";

/** The hub pushes nothing older to workers, by its clock and with some room for that of other hubs. */
const liveWithinMs = 15_000;

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

/** Follows the predictions of a policy beside its rows, each read once; what lies behind is forgotten. */
export class PredictedThen {
  readonly #batches: AsyncGenerator<readonly StoredPrediction[], void>;
  readonly #deadlineMs: number;
  /** By stream, then by the seq of the newest packet; both in the order of time. */
  readonly #predictions = new Map<string, Map<number, StoredPrediction>>();
  #readUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param batches in the order of `created_at`; closed with what follows them
   * @param deadlineMs a prediction came at most so long after its row
   */
  constructor(batches: AsyncGenerator<readonly StoredPrediction[], void>, deadlineMs: number) {
    this.#batches = batches;
    this.#deadlineMs = deadlineMs;
  }

  /** For each row in its place; rows come in the order of time, one call after the other. */
  async of(rows: readonly StoredTelemetry[]): Promise<(StoredPrediction | undefined)[]> {
    const [oldest, newest] = [rows.at(0), rows.at(-1)];
    if (oldest === undefined || newest === undefined) return [];
    this.#forgetBefore(oldest.createdAtMs - liveWithinMs);
    await this.#readAhead(newest.createdAtMs + liveWithinMs + this.#deadlineMs);
    return rows.map(({ streamId = "", seq = 0 }) => this.#predictions.get(streamId)?.get(seq));
  }

  /** Reads no further. */
  async close(): Promise<void> {
    await this.#batches.return();
  }

  async #readAhead(untilMs: number): Promise<void> {
    while (this.#readUntilMs <= untilMs) {
      const { done, value: batch } = await this.#batches.next();
      if (done === true) this.#readUntilMs = Number.POSITIVE_INFINITY;
      else {
        for (const prediction of batch) this.#note(prediction);
        this.#readUntilMs = batch.at(-1)?.createdAtMs ?? this.#readUntilMs;
      }
    }
  }

  /** Packets of clients without a stream have no name that a prediction could give. */
  #note(prediction: StoredPrediction): void {
    const { streamId, lastSeq } = prediction;
    if (streamId === undefined || lastSeq === undefined) return;
    const ofStream = this.#predictions.get(streamId) ?? new Map<number, StoredPrediction>();
    this.#predictions.set(streamId, ofStream.set(lastSeq, prediction));
  }

  #forgetBefore(timeMs: number): void {
    for (const [streamId, ofStream] of this.#predictions) {
      for (const [seq, { createdAtMs }] of ofStream) {
        if (createdAtMs >= timeMs) break;
        ofStream.delete(seq);
      }
      if (ofStream.size === 0) this.#predictions.delete(streamId);
    }
  }
}

/** What became of the packets of one policy. */

/** Why a packet led to no prediction. */
export type SkipReason =
  /** It did not hold the numbers that the policy expects. */
  | "invalid"
  /** A picture that belongs to it has not come. */
  | "incomplete"
  /** Its prediction would have come too late. */
  | "deadline"
  /** The model was not running. */
  | "model_unavailable";

/** `received` is the sum of all others. */
export interface Counters {
  received: number;
  /** Kept for a later prediction. */
  absorbed: number;
  predicted: number;
  skipped: Record<SkipReason, number>;
  /** The model failed, or gave something that is no prediction. */
  errors: number;
}

export function createCounters(): Counters {
  return {
    received: 0,
    absorbed: 0,
    predicted: 0,
    skipped: { invalid: 0, incomplete: 0, deadline: 0, model_unavailable: 0 },
    errors: 0,
  };
}

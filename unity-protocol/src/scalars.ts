/** The few value types that every message is made of. */
import Type from "typebox";

/**
 * An id of a robot, relay, worker or viewer: 1–128 characters, no control characters, no half of a surrogate pair
 * (patterns are Unicode-aware, so that whole pairs pass).
 */
export const Identifier = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]+$",
});

/** Milliseconds since 1970-01-01 UTC, fractions allowed. */
export const EpochMs = Type.Number({ minimum: 0, maximum: 8.64e15 });

/** A packet's position in its stream: 1, 2, 3 … */
export const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** The last committed position of a stream; 0 before the first commit. */
export const CommittedSeq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** A UUID in its usual lowercase or uppercase text form. */
export const Uuid = Type.String({ pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" });

/** A duration in milliseconds. */
export const DurationMs = Type.Number({ minimum: 0 });

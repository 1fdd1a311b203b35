/** The shape of what a policy file says about one step. */
import Type, { type TProperties } from "typebox";

/** An object without unknown keys: a misspelt option is an error, never ignored. */
export function closed<const P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

/** A number of samples. */
export const SampleCount = Type.Integer({ minimum: 1, maximum: 10_000 });

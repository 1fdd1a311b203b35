/** Exponential average: y += alpha · (x − y). Counts samples, not time; `low_pass` counts time. */
import Type, { type Static } from "typebox";
import { closed } from "./options.ts";
import { type Row, type Shape, type Step, smoothing } from "./step.ts";

export const ExponentialAverage = closed({
  step: Type.Literal("exponential_average"),
  /** The newest sample's weight; 1 changes nothing. */
  alpha: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
});

export function exponentialAverage({ alpha }: Static<typeof ExponentialAverage>, input: Shape): Step<Row | undefined> {
  return smoothing<Row | undefined>(input, undefined, (average, row) => {
    const next = average === undefined ? row : approach(average, row, alpha);
    return { state: next, row: next };
  });
}

/** Moves each channel by `share` (0–1) of the way from one row to another. */
export function approach(from: Row, to: Row, share: number): Row {
  return to.map((target, channel) => {
    const start = from[channel] ?? target;
    return start + share * (target - start);
  });
}

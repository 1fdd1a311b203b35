/** Maps each channel's range onto 0–1; what lies outside the range becomes 0 or 1. */
import Type, { type Static } from "typebox";
import { closed } from "./options.ts";
import { requireOnePerChannel, rowByRow, type Shape, type Step, StepError } from "./step.ts";

export const MinMax = closed({
  step: Type.Literal("min_max"),
  /** One a channel. */
  min: Type.Array(Type.Number()),
  /** One a channel, above its `min`. */
  max: Type.Array(Type.Number()),
});

export function minMax({ min, max }: Static<typeof MinMax>, input: Shape): Step<undefined> {
  requireOnePerChannel("min", min, input);
  requireOnePerChannel("max", max, input);
  const narrow = max.findIndex((highest, channel) => highest <= (min[channel] ?? 0));
  if (narrow !== -1) {
    throw new StepError(
      "max",
      `must be above min in every channel; got ${max[narrow]} and ${min[narrow]} in ${input.names[narrow]}`,
    );
  }
  return rowByRow(input, (row) =>
    row.map((value, channel) => {
      const lowest = min[channel] ?? 0;
      const highest = max[channel] ?? 1;
      return Math.min(1, Math.max(0, (value - lowest) / (highest - lowest)));
    }),
  );
}

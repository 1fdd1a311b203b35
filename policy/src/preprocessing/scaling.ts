/** Scales each channel by figures of the training data. */
import Type, { type Static } from "typebox";
import { closed, rowByRow, type Shape, type Step, StepError } from "./step.ts";

/** (x − mean) / std */
export const Standardise = closed({
  step: Type.Literal("standardise"),
  /** One a channel. */
  mean: Type.Array(Type.Number()),
  /** One a channel, above zero. */
  std: Type.Array(Type.Number({ exclusiveMinimum: 0 })),
});

export function standardise({ mean, std }: Static<typeof Standardise>, input: Shape): Step<undefined> {
  requireOnePerChannel("mean", mean, input);
  requireOnePerChannel("std", std, input);
  return rowByRow(input, (row) => row.map((value, channel) => (value - (mean[channel] ?? 0)) / (std[channel] ?? 1)));
}

/** Each channel's range onto 0–1; what lies outside the range becomes 0 or 1. */
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

function requireOnePerChannel(option: string, list: readonly unknown[], input: Shape): void {
  if (list.length === input.names.length) return;
  throw new StepError(option, `must have ${input.names.length} entries, one a channel; got ${list.length}`);
}

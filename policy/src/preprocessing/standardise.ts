/** (x − mean) / std of each channel, with the figures of the training data. */
import Type, { type Static } from "typebox";
import { closed } from "./options.ts";
import { requireOnePerChannel, rowByRow, type Shape, type Step } from "./step.ts";

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

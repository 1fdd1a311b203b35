/** Running median of the last samples of each channel: takes single outliers out, keeps edges. */
import Type, { type Static } from "typebox";
import { closed, SampleCount } from "./options.ts";
import { medianOf } from "./statistics.ts";
import { type Row, type Shape, type Step, smoothing } from "./step.ts";

export const Median = closed({
  step: Type.Literal("median"),
  /** Samples; until so many have come, the median of those that have. */
  size: SampleCount,
});

export function median({ size }: Static<typeof Median>, input: Shape): Step<readonly Row[]> {
  return smoothing<readonly Row[]>(input, [], (earlier, row) => {
    const recent = [...earlier, row].slice(-size);
    return { state: recent, row: row.map((_, channel) => medianOf(recent.map((sample) => sample[channel] ?? 0))) };
  });
}

/** Mean of the last samples of each channel. */
import Type, { type Static } from "typebox";
import { closed, SampleCount } from "./options.ts";
import { meanOf } from "./statistics.ts";
import { type Row, type Shape, type Step, smoothing } from "./step.ts";

export const MovingAverage = closed({
  step: Type.Literal("moving_average"),
  /** Samples; until so many have come, the mean of those that have. */
  size: SampleCount,
});

export function movingAverage({ size }: Static<typeof MovingAverage>, input: Shape): Step<readonly Row[]> {
  return smoothing<readonly Row[]>(input, [], (earlier, row) => {
    const recent = [...earlier, row].slice(-size);
    return { state: recent, row: row.map((_, channel) => meanOf(recent.map((sample) => sample[channel] ?? 0))) };
  });
}

/** Statistics of each channel over a window, channel by channel: `fx.mean`, `fx.std`, …, `fy.mean`, … */
import Type, { type Static } from "typebox";
import { closed } from "./options.ts";
import { statisticNames, statistics } from "./statistics.ts";
import { type Shape, type Step, StepError } from "./step.ts";

export const Summary = closed({
  step: Type.Literal("summary"),
  statistics: Type.Array(Type.Enum(statisticNames), { minItems: 1, uniqueItems: true }),
});

export function summary({ statistics: names }: Static<typeof Summary>, input: Shape): Step<undefined> {
  if (input.rows === 1) throw new StepError("step", "needs a window before it");
  return {
    output: { rows: 1, names: input.names.flatMap((channel) => names.map((name) => `${channel}.${name}`)) },
    initial: undefined,
    advance(state, frame) {
      const row = input.names.flatMap((_, channel) => {
        const values = frame.rows.map((sample) => sample[channel] ?? 0);
        return names.map((name) => statistics[name](values));
      });
      return { state, output: { ...frame, rows: [row] } };
    },
  };
}

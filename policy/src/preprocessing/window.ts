/** Windows of samples, and what is known of each window: statistics, channel by channel. */
import Type, { type Static } from "typebox";
import { statisticNames, statistics } from "./statistics.ts";
import { closed, type Frame, SampleCount, type Shape, type Step, StepError } from "./step.ts";

/** One frame of `size` rows, the first when it is full and then one every `stride`. */
export const Window = closed({
  step: Type.Literal("window"),
  /** Samples in a window. */
  size: SampleCount,
  /** Samples from one window's start to the next one's; `size` makes windows that do not overlap. 1 when missing. */
  stride: Type.Optional(SampleCount),
});

interface Collected {
  frames: readonly Frame[];
  /** Samples that lie between two windows when the stride is longer than a window. */
  skip: number;
}

export function window({ size, stride = 1 }: Static<typeof Window>, input: Shape): Step<Collected> {
  if (input.rows !== 1) throw new StepError("step", "must not follow another window");
  return {
    output: { rows: size, names: input.names },
    initial: { frames: [], skip: 0 },
    advance(collected, frame) {
      if (collected.skip > 0) return { state: { frames: [], skip: collected.skip - 1 }, output: undefined };
      const frames = [...collected.frames, frame];
      if (frames.length < size) return { state: { frames, skip: 0 }, output: undefined };
      return {
        state: { frames: frames.slice(stride), skip: Math.max(0, stride - size) },
        output: {
          rows: frames.flatMap(({ rows }) => rows),
          ts: frame.ts,
          firstSeq: frames[0]?.firstSeq,
        },
      };
    },
  };
}

/** Statistics of each channel over a window: `fx.mean`, `fx.std`, …, `fy.mean`, … */
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

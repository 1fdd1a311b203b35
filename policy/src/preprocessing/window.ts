/** Collects samples into windows: one frame of `size` rows, the first when it is full and then one every `stride`. */
import Type, { type Static } from "typebox";
import { closed, SampleCount } from "./options.ts";
import { type Frame, type Shape, type Step, StepError } from "./step.ts";

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

/** First-order low-pass filter, exact for samples that come at uneven times. */
import Type, { type Static } from "typebox";
import { approach } from "./exponential-average.ts";
import { closed } from "./options.ts";
import { type Row, type Shape, type Step, smoothing } from "./step.ts";

export const LowPass = closed({
  step: Type.Literal("low_pass"),
  /** Hertz; a sine of this frequency keeps 1/√2 of its amplitude. */
  cutoff_hz: Type.Number({ exclusiveMinimum: 0 }),
});

interface Filtered {
  row: Row;
  /** Of the newest sample so far, epoch milliseconds. */
  ts: number;
}

export function lowPass({ cutoff_hz: cutoffHz }: Static<typeof LowPass>, input: Shape): Step<Filtered | undefined> {
  return smoothing<Filtered | undefined>(input, undefined, (filtered, row, ts) => {
    if (filtered === undefined) return { state: { row, ts }, row };
    const seconds = Math.max(0, ts - filtered.ts) / 1000;
    const next = approach(filtered.row, row, 1 - Math.exp(-2 * Math.PI * cutoffHz * seconds));
    return { state: { row: next, ts: Math.max(ts, filtered.ts) }, row: next };
  });
}

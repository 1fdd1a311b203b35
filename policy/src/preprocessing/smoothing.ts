/** Filters that smooth each channel over time, sample by sample: averages, median, low-pass. */
import Type, { type Static } from "typebox";
import { meanOf, medianOf } from "./statistics.ts";
import { closed, type Row, SampleCount, type Shape, type Step, StepError } from "./step.ts";

export const MovingAverage = closed({
  step: Type.Literal("moving_average"),
  /** Samples; until so many have come, the mean of those that have. */
  size: SampleCount,
});

export function movingAverage({ size }: Static<typeof MovingAverage>, input: Shape): Step<readonly Row[]> {
  return overRecent(size, input, meanOf);
}

/** Takes single outliers out, and keeps edges. */
export const Median = closed({
  step: Type.Literal("median"),
  /** Samples; until so many have come, the median of those that have. */
  size: SampleCount,
});

export function median({ size }: Static<typeof Median>, input: Shape): Step<readonly Row[]> {
  return overRecent(size, input, medianOf);
}

/** y += alpha · (x − y). Counts samples, not time; `low_pass` counts time. */
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

/** Of the first order, exact for samples that come at uneven times. */
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

/** A statistic of each channel's last samples. */
function overRecent(size: number, input: Shape, statistic: (values: readonly number[]) => number) {
  return smoothing<readonly Row[]>(input, [], (earlier, row) => {
    const recent = [...earlier, row].slice(-size);
    return { state: recent, row: row.map((_, channel) => statistic(recent.map((sample) => sample[channel] ?? 0))) };
  });
}

/** From a filter's state and the newest sample to the next state and sample. */
function smoothing<State>(
  input: Shape,
  initial: State,
  advance: (state: State, row: Row, ts: number) => { state: State; row: Row },
): Step<State> {
  if (input.rows !== 1) throw new StepError("step", "must stand before window: it smooths samples as they come");
  return {
    output: input,
    initial,
    advance(state, frame) {
      const [newest] = frame.rows;
      if (newest === undefined) return { state, output: frame };
      const next = advance(state, newest, frame.ts);
      return { state: next.state, output: { ...frame, rows: [next.row] } };
    },
  };
}

/** Moves each channel by `share` (0–1) of the way from one row to another. */
function approach(from: Row, to: Row, share: number): Row {
  return to.map((target, channel) => {
    const start = from[channel] ?? target;
    return start + share * (target - start);
  });
}

/** Readings at any time, put onto a timeline of equal steps. */
import type { Resampling } from "./field.ts";

/** Readings in the order of time. */
export interface Series<T> {
  /** Epoch milliseconds, never falling. */
  readonly times: number[];
  readonly values: T[];
}

/** Equal steps: frame `k` is at `firstMs + k * 1000 / fps`. */
export interface Timeline {
  readonly firstMs: number;
  readonly frames: number;
  readonly fps: number;
}

/** A reading exactly on a step must not miss it by rounding: a double holds epoch milliseconds to a quarter of this. */
const hairMs = 0.001;

/** The time of a frame in epoch milliseconds. */
export function timeOf({ firstMs, fps }: Timeline, frame: number): number {
  return firstMs + (frame * 1000) / fps;
}

/** What bounds a timeline: a series, and whether its last value holds on. */
export interface Bound {
  readonly times: readonly number[];
  readonly holds: boolean;
}

/**
 * The frames for which no value has to be guessed: from the first moment at which every series has a reading, to the last
 * at which every series that does not hold has one, and never beyond `endMs`. `undefined` when there is no such moment.
 */
export function timelineOf(bounds: readonly Bound[], endMs: number, fps: number): Timeline | undefined {
  let firstMs = Number.NEGATIVE_INFINITY;
  let lastMs = endMs;
  for (const { times, holds } of bounds) {
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    firstMs = Math.max(firstMs, first);
    if (!holds) lastMs = Math.min(lastMs, last);
  }
  const frames = Math.floor(((lastMs - firstMs + hairMs) * fps) / 1000) + 1;
  return frames >= 1 ? { firstMs, frames, fps } : undefined;
}

/**
 * For each frame, the index of the newest reading at or before it (`hold`), or of the closest one (`nearest`; of two as
 * close the earlier). The series must have a reading at or before the first frame.
 */
export function pick(times: readonly number[], timeline: Timeline, method: "hold" | "nearest"): Int32Array {
  const picked = new Int32Array(timeline.frames);
  let at = 0;
  for (let frame = 0; frame < timeline.frames; frame++) {
    const time = timeOf(timeline, frame);
    at = newestAt(times, time, at);
    const next = times[at + 1];
    const previous = times[at] ?? time;
    picked[frame] = method === "nearest" && next !== undefined && next - time < time - previous ? at + 1 : at;
  }
  return picked;
}

/**
 * A column of float32 for each dimension.
 *
 * @param dimensions how many numbers each reading holds
 */
export function resample(
  series: Series<readonly number[]>,
  dimensions: number,
  timeline: Timeline,
  method: Resampling,
): Float32Array[] {
  const valueAt = method === "linear" ? linear(series, timeline) : picked(series, timeline, method);
  return Array.from({ length: dimensions }, (_, dimension) =>
    Float32Array.from({ length: timeline.frames }, (_, frame) => valueAt(frame, dimension)),
  );
}

type ValueAt = (frame: number, dimension: number) => number;

function picked(series: Series<readonly number[]>, timeline: Timeline, method: "hold" | "nearest"): ValueAt {
  const indices = pick(series.times, timeline, method);
  return (frame, dimension) => series.values[indices[frame] ?? 0]?.[dimension] ?? Number.NaN;
}

function linear({ times, values }: Series<readonly number[]>, timeline: Timeline): ValueAt {
  const before = pick(times, timeline, "hold");
  return (frame, dimension) => {
    const at = before[frame] ?? 0;
    const [from, to] = [values[at]?.[dimension] ?? Number.NaN, values[at + 1]?.[dimension]];
    const [start, end] = [times[at] ?? 0, times[at + 1]];
    if (to === undefined || end === undefined) return from;
    return from + ((to - from) * (timeOf(timeline, frame) - start)) / (end - start);
  };
}

/** Frames only go forward, and so does the search. */
function newestAt(times: readonly number[], time: number, from: number): number {
  let at = from;
  while ((times[at + 1] ?? Number.POSITIVE_INFINITY) <= time + hairMs) at += 1;
  return at;
}

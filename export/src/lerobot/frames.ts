/** An episode's readings as frames of equal steps: what goes into the dataset. */
import type { Episode, Plan } from "./episodes.ts";
import type { Field, Picture } from "./field.ts";
import { type Bound, pick, resample, type Series, type Timeline, timelineOf } from "./resample.ts";

/** Frames of an episode. */
export interface EpisodeFrames {
  readonly length: number;
  /** A column of float32 for each dimension. */
  readonly state: readonly Float32Array[];
  readonly action: readonly Float32Array[];
  /** For each camera a picture for each frame. */
  readonly pictures: readonly (readonly Picture[])[];
}

/** Puts an episode onto its timeline; `undefined` when there is no moment at which all of it is known. */
export function framesOf(episode: Episode, plan: Plan, fps: number): EpisodeFrames | undefined {
  const bounds = [
    ...boundsOf(episode.state, plan.state),
    ...boundsOf(episode.action, plan.action),
    ...boundsOf(
      episode.cameras,
      plan.cameras.map(({ field }) => field),
    ),
  ];
  const timeline = timelineOf(bounds, episode.endMs, fps);
  if (timeline === undefined) return undefined;
  return {
    length: timeline.frames,
    state: columnsOf(episode.state, plan.state, timeline),
    action: columnsOf(episode.action, plan.action, timeline),
    pictures: episode.cameras.map((series) => picturesOf(series, timeline)),
  };
}

function boundsOf(series: readonly Series<unknown>[], fields: readonly Field[]): Bound[] {
  return series.map(({ times }, index) => ({ times, holds: fields[index]?.resampling === "hold" }));
}

function columnsOf(
  series: readonly Series<readonly number[]>[],
  fields: readonly Field[],
  timeline: Timeline,
): Float32Array[] {
  return fields.flatMap(({ resampling }, index) => {
    const readings = series[index] ?? { times: [], values: [] };
    return resample(readings, readings.values[0]?.length ?? 0, timeline, resampling);
  });
}

/** A picture holds until the next: what a camera saw is never from the future. */
function picturesOf({ times, values }: Series<Picture>, timeline: Timeline): Picture[] {
  return Array.from(pick(times, timeline, "hold"), (index) => values[index]).filter((picture) => picture !== undefined);
}

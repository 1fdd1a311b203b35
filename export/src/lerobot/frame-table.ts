/** `data`: one row a frame, one row group an episode. */
import { join } from "node:path";
import { dataColumns, type Features } from "./features.ts";
import { ParquetSeries, type Place } from "./file-series.ts";
import type { EpisodeFrames } from "./frames.ts";
import { dataFilesSizeInMb } from "./metadata.ts";
import { type FeatureStats, statsOf } from "./stats.ts";

/** Where an episode stands in the dataset. */
interface Position {
  readonly episode: number;
  /** The number of its first frame in the whole dataset. */
  readonly from: number;
  readonly task: number;
}

/** Writes an episode's frames, and says where they are and what they look like. */
export class FrameTable {
  readonly #fps: number;
  readonly #series: ParquetSeries;

  constructor(folder: string, features: Features, fps: number) {
    this.#fps = fps;
    this.#series = new ParquetSeries(join(folder, "data"), dataColumns(features), dataFilesSizeInMb * 2 ** 20);
  }

  add(frames: EpisodeFrames, position: Position): { place: Place; stats: Map<string, FeatureStats> } {
    const vectors = { "observation.state": frames.state, action: frames.action };
    const timestamp = timestamps(frames.length, this.#fps);
    const indices = indicesOf(frames.length, position);
    const place = this.#series.place(frames.length * bytesPerFrame(frames));
    this.#series.write({ ...mapValues(vectors, rowsOf), timestamp, ...indices });
    const stats = new Map(
      Object.entries({
        ...mapValues(vectors, statsOf),
        timestamp: statsOf([timestamp]),
        ...mapValues(indices, (column) => statsOf([Float64Array.from(column, Number)])),
      }),
    );
    return { place, stats };
  }

  finish(): void {
    this.#series.finish();
  }
}

/** From the number of the frame, and not from a clock: readers look frames up by it. */
function timestamps(length: number, fps: number): Float32Array {
  return Float32Array.from({ length }, (_, frame) => frame / fps);
}

function indicesOf(length: number, { episode, from, task }: Position): Record<string, BigInt64Array> {
  const column = (of: (frame: number) => number) => BigInt64Array.from({ length }, (_, frame) => BigInt(of(frame)));
  return {
    frame_index: column((frame) => frame),
    episode_index: column(() => episode),
    index: column((frame) => from + frame),
    task_index: column(() => task),
  };
}

/** A list for each frame; a feature of one dimension is a scalar. */
function rowsOf(columns: readonly Float32Array[]): Float32Array | number[][] {
  const [first] = columns;
  if (first === undefined) return [];
  if (columns.length === 1) return first;
  return Array.from(first, (_, frame) => columns.map((column) => column[frame] ?? Number.NaN));
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, of(value)]));
}

/** Before compression, which only makes it less. */
function bytesPerFrame({ state, action }: EpisodeFrames): number {
  return 4 * (state.length + action.length + 1) + 4 * 8;
}

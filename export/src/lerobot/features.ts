/** What `meta/info.json` says about each feature, and how the parquet files hold it. */
import type { ParquetColumn } from "../parquet.ts";
import { byName, type FeatureStats, type Statistic, statistics } from "./stats.ts";

/** A feature as `info.json` has it. */
export interface Feature {
  readonly dtype: "float32" | "int64" | "video";
  readonly shape: readonly number[];
  readonly names: readonly string[] | null;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** Features by name, in the order of the columns. */
export type Features = Readonly<Record<string, Feature>>;

/** What every dataset has. */
const indices = {
  timestamp: { dtype: "float32", shape: [1], names: null },
  frame_index: { dtype: "int64", shape: [1], names: null },
  episode_index: { dtype: "int64", shape: [1], names: null },
  index: { dtype: "int64", shape: [1], names: null },
  task_index: { dtype: "int64", shape: [1], names: null },
} as const satisfies Features;

/** The names of the dimensions of what a robot knew and did. */
export interface Dimensions {
  readonly state: readonly string[];
  readonly action: readonly string[];
}

/** The features that are columns of the data files. */
export function columnFeatures({ state, action }: Dimensions): Features {
  return {
    "observation.state": { dtype: "float32", shape: [state.length], names: state },
    action: { dtype: "float32", shape: [action.length], names: action },
    ...indices,
  };
}

/** A camera's feature. */
export function videoFeature({ width, height }: { width: number; height: number }, fps: number): Feature {
  return {
    dtype: "video",
    shape: [height, width, 3],
    names: ["height", "width", "channels"],
    info: {
      "video.height": height,
      "video.width": width,
      "video.codec": "h264",
      "video.pix_fmt": "yuv420p",
      "video.is_depth_map": false,
      "video.fps": fps,
      "video.channels": 3,
      has_audio: false,
    },
  };
}

/** The columns of the data files. A feature of one dimension is a scalar. */
export function dataColumns(features: Features): ParquetColumn[] {
  return Object.entries(features).map(([name, { dtype, shape }]) => ({
    name,
    type: dtype === "int64" ? "int64" : "float32",
    lists: shape[0] === 1 ? 0 : 1,
  }));
}

/** The columns of the episodes' files. */
export function episodeColumns(features: Features, videoKeys: readonly string[]): ParquetColumn[] {
  const int64 = (name: string): ParquetColumn => ({ name, type: "int64", lists: 0 });
  const float64 = (name: string): ParquetColumn => ({ name, type: "float64", lists: 0 });
  return [
    ...["episode_index", "length", "data/chunk_index", "data/file_index"].map(int64),
    ...["dataset_from_index", "dataset_to_index"].map(int64),
    ...["meta/episodes/chunk_index", "meta/episodes/file_index"].map(int64),
    { name: "tasks", type: "string", lists: 1 },
    ...videoKeys.flatMap((key) => [
      ...[`videos/${key}/chunk_index`, `videos/${key}/file_index`].map(int64),
      ...[`videos/${key}/from_timestamp`, `videos/${key}/to_timestamp`].map(float64),
    ]),
    ...Object.keys(features).flatMap((name) => statsColumns(name, 1)),
    ...videoKeys.flatMap((key) => statsColumns(key, 3)),
  ];
}

function statsColumns(feature: string, lists: number): ParquetColumn[] {
  return [
    ...statistics.map((name): ParquetColumn => ({ name: `stats/${feature}/${name}`, type: "float64", lists })),
    { name: `stats/${feature}/count`, type: "int64", lists: 1 },
  ];
}

/** Statistics as the files hold them. Those of a video are channels x 1 x 1, to be subtracted from whole pictures. */
export function statsValues(stats: FeatureStats, isVideo: boolean): Record<Statistic, unknown[]> {
  return byName(statistics, (name) => (isVideo ? stats[name].map((value) => [[value]]) : [...stats[name]]));
}

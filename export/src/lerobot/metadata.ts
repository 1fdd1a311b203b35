/** The small files of a dataset: what it holds, its tasks, its statistics. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ParquetFile } from "../parquet.ts";
import { type Features, statsValues } from "./features.ts";
import { chunksSize } from "./file-series.ts";
import type { FeatureStats } from "./stats.ts";

/** How large a file may grow, in MB of 2^20 bytes. */
export const dataFilesSizeInMb = 100;
const videoFilesSizeInMb = 200;

/** What a dataset holds. */
export interface Totals {
  readonly robotType: string;
  readonly fps: number;
  readonly features: Features;
  readonly episodes: number;
  readonly frames: number;
  readonly tasks: number;
}

/** Writes `meta/info.json`. Readers look for it first, so it comes last. */
export function writeInfo(folder: string, { robotType, fps, features, episodes, frames, tasks }: Totals): void {
  const hasVideo = Object.values(features).some(({ dtype }) => dtype === "video");
  writeJson(join(folder, "meta/info.json"), {
    codebase_version: "v3.0",
    robot_type: robotType,
    total_episodes: episodes,
    total_frames: frames,
    total_tasks: tasks,
    chunks_size: chunksSize,
    data_files_size_in_mb: dataFilesSizeInMb,
    video_files_size_in_mb: videoFilesSizeInMb,
    fps,
    splits: { train: `0:${episodes}` },
    data_path: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
    video_path: hasVideo ? "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4" : null,
    features,
  });
}

/** Writes `meta/stats.json`: the statistics of all episodes. */
export function writeStats(folder: string, stats: ReadonlyMap<string, FeatureStats>, features: Features): void {
  const entries = [...stats].map(([name, values]) => {
    const isVideo = features[name]?.dtype === "video";
    return [name, { ...statsValues(values, isVideo), count: [values.count] }];
  });
  writeJson(join(folder, "meta/stats.json"), Object.fromEntries(entries));
}

/**
 * Writes `meta/tasks.parquet`. Readers open it with pandas and look tasks up by the index: without pandas' own metadata they
 * would silently get row numbers.
 */
export function writeTasks(folder: string, tasks: readonly string[]): void {
  const describe = (name: string, pandasType: string, numpyType: string) => ({
    name,
    field_name: name,
    pandas_type: pandasType,
    numpy_type: numpyType,
    metadata: null,
  });
  const pandas = {
    index_columns: ["task"],
    column_indexes: [],
    columns: [describe("task_index", "int64", "int64"), describe("task", "unicode", "object")],
    pandas_version: "2.2.0",
  };
  const file = new ParquetFile(
    join(folder, "meta/tasks.parquet"),
    [
      { name: "task_index", type: "int64", lists: 0 },
      { name: "task", type: "string", lists: 0 },
    ],
    { pandas: JSON.stringify(pandas) },
  );
  file.write({ task_index: tasks.map((_, index) => BigInt(index)), task: [...tasks] });
  file.finish();
}

function writeJson(path: string, content: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, undefined, 4)}\n`, { flush: true });
}

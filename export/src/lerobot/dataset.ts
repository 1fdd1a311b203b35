/** Writes a LeRobotDataset v3.0, an episode at a time. */
import { createEpisodeTable } from "./episode-table.ts";
import { columnFeatures, type Dimensions, type Features } from "./features.ts";
import { createFrameTable } from "./frame-table.ts";
import type { EpisodeFrames } from "./frames.ts";
import { writeInfo, writeStats, writeTasks } from "./metadata.ts";
import { type Aggregate, createAggregate, type FeatureStats } from "./stats.ts";
import { createVideoTrack } from "./video-track.ts";

/** What all episodes have in common. */
export interface DatasetOptions {
  readonly folder: string;
  readonly fps: number;
  readonly robotType: string;
  readonly dimensions: Dimensions;
  /** The features that are videos, in the order of an episode's pictures. */
  readonly videoKeys: readonly string[];
  /** Where the pictures' bytes lie. */
  readonly blobFolder: string;
}

/** A dataset under way. Its `meta/info.json` comes with `finish`: until then no reader takes the folder for a dataset. */
export interface DatasetWriter {
  /** @param task in words, what the robot was to do */
  add(episode: EpisodeFrames, task: string): Promise<void>;
  finish(): void;
}

export function createDatasetWriter(options: DatasetOptions): DatasetWriter {
  const { folder, fps, robotType, videoKeys } = options;
  const columns = columnFeatures(options.dimensions);
  const frameTable = createFrameTable(folder, columns, fps);
  const videos = videoKeys.map((key) => createVideoTrack(folder, key, fps, options.blobFolder));
  const episodeTable = createEpisodeTable(folder, columns, videoKeys, fps);
  const tasks = new Map<string, number>();
  const total = createTotalStats();
  let episodes = 0;
  let frames = 0;

  return {
    async add(episode, task) {
      const { length } = episode;
      const taskIndex = tasks.get(task) ?? tasks.size;
      tasks.set(task, taskIndex);
      const data = frameTable.add(episode, { episode: episodes, from: frames, task: taskIndex });
      const row = {
        index: episodes,
        length,
        from: frames,
        task,
        data: data.place,
        stats: data.stats,
        videos: new Map(),
      };
      for (const [camera, video] of videos.entries()) {
        const { place, stats } = await video.add(episode.pictures[camera] ?? [], episodes);
        row.videos.set(video.key, place);
        row.stats.set(video.key, stats);
      }
      episodeTable.add(row);
      total.add(row.stats);
      episodes += 1;
      frames += length;
    },
    finish() {
      frameTable.finish();
      episodeTable.finish();
      const features: Features = {
        ...columns,
        ...Object.fromEntries(videos.flatMap(({ key, feature }) => (feature === undefined ? [] : [[key, feature]]))),
      };
      writeTasks(folder, [...tasks.keys()]);
      writeStats(folder, total.result(), features);
      writeInfo(folder, { robotType, fps, features, episodes, frames, tasks: tasks.size });
    },
  };
}

/** The statistics of all episodes, by feature. */
function createTotalStats() {
  const aggregates = new Map<string, Aggregate>();
  return {
    add(stats: ReadonlyMap<string, FeatureStats>): void {
      for (const [feature, values] of stats) {
        const aggregate = aggregates.get(feature) ?? createAggregate();
        aggregates.set(feature, aggregate);
        aggregate.add(values);
      }
    },
    result: () => new Map([...aggregates].map(([feature, aggregate]) => [feature, aggregate.result()])),
  };
}

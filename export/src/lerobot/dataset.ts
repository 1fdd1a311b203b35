/** Writes a LeRobotDataset v3.0, an episode at a time. */
import { EpisodeTable } from "./episode-table.ts";
import { columnFeatures, type Dimensions, type Features } from "./features.ts";
import { FrameTable } from "./frame-table.ts";
import type { EpisodeFrames } from "./frames.ts";
import { writeInfo, writeStats, writeTasks } from "./metadata.ts";
import { Aggregate, type FeatureStats } from "./stats.ts";
import { VideoTrack } from "./video-track.ts";

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
export class DatasetWriter {
  readonly #options: DatasetOptions;
  readonly #columns: Features;
  readonly #frameTable: FrameTable;
  readonly #episodeTable: EpisodeTable;
  readonly #videos: readonly VideoTrack[];
  readonly #tasks = new Map<string, number>();
  readonly #total = new TotalStats();
  #episodes = 0;
  #frames = 0;

  constructor(options: DatasetOptions) {
    const { folder, fps, videoKeys, blobFolder } = options;
    this.#options = options;
    this.#columns = columnFeatures(options.dimensions);
    this.#frameTable = new FrameTable(folder, this.#columns, fps);
    this.#videos = videoKeys.map((key) => new VideoTrack(folder, key, fps, blobFolder));
    this.#episodeTable = new EpisodeTable(folder, this.#columns, videoKeys, fps);
  }

  /** @param task in words, what the robot was to do */
  async add(episode: EpisodeFrames, task: string): Promise<void> {
    const index = this.#episodes;
    const from = this.#frames;
    const { length } = episode;
    const { place, stats } = this.#frameTable.add(episode, { episode: index, from, task: this.#indexOf(task) });
    const row = { index, length, from, task, data: place, stats, videos: new Map() };
    for (const [camera, video] of this.#videos.entries()) {
      const { place, stats } = await video.add(episode.pictures[camera] ?? [], index);
      row.videos.set(video.key, place);
      row.stats.set(video.key, stats);
    }
    this.#episodeTable.add(row);
    this.#total.add(row.stats);
    this.#episodes += 1;
    this.#frames += length;
  }

  finish(): void {
    this.#frameTable.finish();
    this.#episodeTable.finish();
    const { folder, fps, robotType } = this.#options;
    const videos = this.#videos.flatMap(({ key, feature }) => (feature === undefined ? [] : [[key, feature]]));
    const features: Features = { ...this.#columns, ...Object.fromEntries(videos) };
    const counts = { episodes: this.#episodes, frames: this.#frames, tasks: this.#tasks.size };
    writeTasks(folder, [...this.#tasks.keys()]);
    writeStats(folder, this.#total.result(), features);
    writeInfo(folder, { robotType, fps, features, ...counts });
  }

  #indexOf(task: string): number {
    const index = this.#tasks.get(task) ?? this.#tasks.size;
    this.#tasks.set(task, index);
    return index;
  }
}

/** The statistics of all episodes, by feature. */
class TotalStats {
  readonly #aggregates = new Map<string, Aggregate>();

  add(stats: ReadonlyMap<string, FeatureStats>): void {
    for (const [feature, values] of stats) {
      const aggregate = this.#aggregates.get(feature) ?? new Aggregate();
      this.#aggregates.set(feature, aggregate);
      aggregate.add(values);
    }
  }

  result(): Map<string, FeatureStats> {
    return new Map([...this.#aggregates].map(([feature, aggregate]) => [feature, aggregate.result()]));
  }
}

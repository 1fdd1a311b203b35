/** `meta/episodes`: one row an episode, found by position. */
import { join } from "node:path";
import type { ParquetColumn } from "../parquet.ts";
import { episodeColumns, type Features, statsValues } from "./features.ts";
import { ParquetSeries, type Place } from "./file-series.ts";
import { dataFilesSizeInMb } from "./metadata.ts";
import type { FeatureStats } from "./stats.ts";

/** What is known of an episode once its frames are written. */
interface EpisodeRow {
  readonly index: number;
  readonly length: number;
  /** The number of its first frame in the whole dataset. */
  readonly from: number;
  readonly task: string;
  readonly data: Place;
  /** One for each camera; each episode has files of its own. */
  readonly videos: ReadonlyMap<string, Place>;
  readonly stats: ReadonlyMap<string, FeatureStats>;
}

/** Small enough for memory, large enough for quick reading. */
const rowsPerGroup = 100;

/** Writes rows as they come; few are in memory. */
export class EpisodeTable {
  readonly #columns: readonly ParquetColumn[];
  readonly #rowBytes: number;
  readonly #fps: number;
  readonly #series: ParquetSeries;
  #rows: EpisodeRow[] = [];

  constructor(folder: string, features: Features, videoKeys: readonly string[], fps: number) {
    this.#columns = episodeColumns(features, videoKeys);
    this.#rowBytes = bytesPerRow(this.#columns, features);
    this.#fps = fps;
    this.#series = new ParquetSeries(join(folder, "meta/episodes"), this.#columns, dataFilesSizeInMb * 2 ** 20);
  }

  add(row: EpisodeRow): void {
    this.#rows.push(row);
    if (this.#rows.length === rowsPerGroup) this.#flush();
  }

  finish(): void {
    this.#flush();
    this.#series.finish();
  }

  #flush(): void {
    const rows = this.#rows;
    if (rows.length === 0) return;
    const place = this.#series.place(rows.length * this.#rowBytes);
    const cells = rows.map((row) => cellsOf(row, place, this.#fps));
    this.#series.write(
      Object.fromEntries(this.#columns.map(({ name }) => [name, cells.map((cell) => cell.get(name))])),
    );
    this.#rows = [];
  }
}

function cellsOf(row: EpisodeRow, place: Place, fps: number): Map<string, unknown> {
  const cells = new Map<string, unknown>([
    ["episode_index", BigInt(row.index)],
    ["length", BigInt(row.length)],
    ["data/chunk_index", BigInt(row.data.chunk)],
    ["data/file_index", BigInt(row.data.file)],
    ["dataset_from_index", BigInt(row.from)],
    ["dataset_to_index", BigInt(row.from + row.length)],
    ["meta/episodes/chunk_index", BigInt(place.chunk)],
    ["meta/episodes/file_index", BigInt(place.file)],
    ["tasks", [row.task]],
  ]);
  for (const [key, { chunk, file }] of row.videos) {
    cells.set(`videos/${key}/chunk_index`, BigInt(chunk));
    cells.set(`videos/${key}/file_index`, BigInt(file));
    cells.set(`videos/${key}/from_timestamp`, 0);
    cells.set(`videos/${key}/to_timestamp`, row.length / fps);
  }
  for (const [feature, stats] of row.stats) {
    const shaped = Object.entries(statsValues(stats, row.videos.has(feature)));
    for (const [statistic, value] of shaped) cells.set(`stats/${feature}/${statistic}`, value);
    cells.set(`stats/${feature}/count`, [BigInt(stats.count)]);
  }
  return cells;
}

/** More than a row takes: each column as wide as the widest. */
function bytesPerRow(columns: readonly ParquetColumn[], features: Features): number {
  const widest = Math.max(...Object.values(features).map(({ shape }) => shape[0] ?? 1));
  return columns.length * widest * 8;
}

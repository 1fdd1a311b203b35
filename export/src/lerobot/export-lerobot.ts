/** From stored rows to a LeRobotDataset on disk. */
import { access, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { makeWhole } from "@physical-ai/service/whole-file";
import type { Pool } from "pg";
import { DatasetWriter } from "./dataset.ts";
import { type Episode, EpisodeCollector, type Plan } from "./episodes.ts";
import { framesOf } from "./frames.ts";
import { type RowChoice, readRows } from "./read-rows.ts";
import { describeMisfits, Report } from "./report.ts";
import type { Row } from "./rows.ts";
import { requireEncoder } from "./video.ts";

/** What to export, and how. */
export interface LerobotOptions extends Plan, RowChoice {
  /** The dataset's folder. It must not be there yet. */
  readonly out: string;
  /** Frames a second, whole. */
  readonly fps: number;
  /** Of all episodes. Without it each has that of its command or its `episode` packet. */
  readonly task?: string | undefined;
  /** Where pictures' bytes lie. */
  readonly blobFolder: string;
}

/** The task of episodes of which nothing says what they are for. */
const unknownTask = "unspecified";

const rowsPerProgress = 1_000;

/**
 * Writes the dataset beside its place and moves it there when it is whole. Reads with a connection for each table.
 *
 * @param onRows told now and then how many rows more were read
 * @throws when the folder exists, when the database goes away, when a video cannot be made, when there is no episode
 */
export async function exportLerobot(
  pool: Pool,
  options: LerobotOptions,
  onRows: (rows: number) => void = () => undefined,
): Promise<Report> {
  const out = resolve(options.out);
  await requireFree(out);
  if (options.cameras.length > 0) await requireEncoder();
  return makeWhole(out, async (unfinished) => {
    await mkdir(unfinished, { recursive: true });
    return writeDataset(pool, options, unfinished, onRows);
  });
}

async function writeDataset(
  pool: Pool,
  options: LerobotOptions,
  folder: string,
  onRows: (rows: number) => void,
): Promise<Report> {
  const report = new Report();
  const collector = new EpisodeCollector(options, report);
  let dataset: DatasetWriter | undefined;
  for await (const episode of episodesOf(readRows(pool, options, options), collector, report, onRows)) {
    const frames = framesOf(episode, options, options.fps);
    if (frames === undefined) {
      report.emptyEpisodes += 1;
      continue;
    }
    dataset ??= new DatasetWriter({
      folder,
      fps: options.fps,
      robotType: episode.robotType,
      dimensions: collector.names(),
      videoKeys: options.cameras.map(({ key }) => key),
      blobFolder: options.blobFolder,
    });
    await dataset.add(frames, options.task ?? episode.task ?? unknownTask);
    report.episodes += 1;
    report.frames += frames.length;
  }
  if (dataset === undefined) throw new Error(nothingToExport(options, report));
  dataset.finish();
  return report;
}

async function* episodesOf(
  rows: AsyncIterable<Row>,
  collector: EpisodeCollector,
  report: Report,
  onRows: (rows: number) => void,
): AsyncGenerator<Episode> {
  for await (const row of rows) {
    const ended = collector.take(row);
    if (report.rows % rowsPerProgress === 0) onRows(rowsPerProgress);
    if (ended !== undefined) yield ended;
  }
  onRows(report.rows % rowsPerProgress);
  const last = collector.finish();
  if (last !== undefined) yield last;
}

function nothingToExport({ robot, episodes, state, action }: LerobotOptions, report: Report): string {
  const fields = [...state, ...action].map(({ name }) => name).join(", ");
  return [
    `expected at least one episode of ${robot} with ${fields}; found ${report.rows} rows`,
    `and ${report.emptyEpisodes} episodes by ${episodes.by} in which not every field has a reading`,
    ...describeMisfits(report).map((line) => `(${line})`),
    "- look at the robot's data types, commands and policies, and at --since, --until and --episodes",
  ].join(" ");
}

async function requireFree(folder: string): Promise<void> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new Error(`--out must be a folder that is not there yet; ${folder} is. Remove it, or choose another`);
}

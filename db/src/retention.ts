/** What is older than it must be kept goes: partitions as a whole, and then the blobs that no row names any more. */
import { existsSync } from "node:fs";
import type { Pool } from "pg";
import { blobNames, removeBlobFile } from "./blob-folder.ts";
import { dateOf, dayOf } from "./days.ts";
import { adoptBlobs } from "./queries/adopt-blobs.ts";
import { dropPartitionsBefore } from "./queries/drop-partitions.ts";
import { countStaleBlobs, sweepBlobs } from "./queries/sweep-blobs.ts";

/** What to keep. */
export interface RetentionOptions {
  /** Whole days before today. */
  keepDays: number;
  /** Say what would go, and drop nothing. */
  dryRun: boolean;
}

/** Applies retention, and says line by line what went. */
export async function applyRetention(
  pool: Pool,
  blobFolder: string,
  { keepDays, dryRun }: RetentionOptions,
  say: (line: string) => void,
): Promise<void> {
  const firstKeptDay = dayOf(Date.now()) - keepDays;
  const verb = dryRun ? "would go" : "dropped";
  const partitions = { count: 0, bytes: 0 };
  await dropPartitionsBefore(
    pool,
    firstKeptDay,
    ({ name, bytes }) => {
      partitions.count++;
      partitions.bytes += bytes;
      say(`${name.padEnd(28)} ${megabytes(bytes)}`);
    },
    dryRun,
  );
  say(
    `${partitions.count} partitions ${verb}, ${megabytes(partitions.bytes)}; kept: ${dateOf(firstKeptDay)} and later`,
  );
  if (dryRun) say(`${await countStaleBlobs(pool, firstKeptDay)} blobs would go`);
  else {
    await adoptFiles(pool, blobFolder, say);
    say(await sweepFolder(pool, blobFolder, firstKeptDay));
  }
}

/**
 * Files may be on no list: they are older than the list is, or their telemetry was never committed. Rows that name them
 * are of today at the latest.
 */
async function adoptFiles(pool: Pool, folder: string, say: (line: string) => void): Promise<void> {
  if (!existsSync(folder)) return;
  let adopted = 0;
  for await (const names of blobNames(folder)) adopted += await adoptBlobs(pool, names, dayOf(Date.now()));
  if (adopted > 0) say(`${adopted} blobs of which nothing was known go when today does`);
}

/** Where the folder is not, nothing is known of its files: they stay on the list for a sweep that can see them. */
async function sweepFolder(pool: Pool, folder: string, firstKeptDay: number): Promise<string> {
  const stale = await countStaleBlobs(pool, firstKeptDay);
  if (stale > 0 && !existsSync(folder)) {
    return `${stale} blobs stay: there is no folder ${folder}; run this with the hub's DATA_DIR`;
  }
  const swept = { count: 0, bytes: 0 };
  await sweepBlobs(pool, firstKeptDay, async (sha256) => {
    swept.bytes += await removeBlobFile(folder, sha256);
    swept.count++;
  });
  return `${swept.count} blobs dropped, ${megabytes(swept.bytes)}`;
}

const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;

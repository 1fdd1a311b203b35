/** Removes blobs that no row names any more. */
import type { Pool } from "pg";
import { dateOf } from "../days.ts";
import { inTransaction } from "../transaction.ts";

/** Few enough that their removal ends well within a transaction's patience. */
const blobsPerTransaction = 500;

/**
 * Removes the blobs that no telemetry of `firstKeptDay` (days since 1970, UTC) or later names.
 *
 * A file goes while its row is locked: telemetry that names it again waits, and then writes the file anew. A sweep that is
 * interrupted leaves rows without a file, which the next one removes.
 *
 * @param remove removes a file that may be missing already
 */
export async function sweepBlobs(
  pool: Pool,
  firstKeptDay: number,
  remove: (sha256: string) => Promise<void>,
): Promise<void> {
  let swept: number;
  do {
    swept = await inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ sha256: string }>(
        `with stale as materialized (
           select sha256 from blobs where newest_day < $1 order by newest_day limit $2 for update skip locked
         )
         delete from blobs using stale where blobs.sha256 = stale.sha256 returning blobs.sha256`,
        [dateOf(firstKeptDay), blobsPerTransaction],
      );
      for (const { sha256 } of rows) await remove(sha256);
      return rows.length;
    });
  } while (swept > 0);
}

/** How many blobs a sweep would remove. */
export async function countStaleBlobs(pool: Pool, firstKeptDay: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::int as count from blobs where newest_day < $1",
    [dateOf(firstKeptDay)],
  );
  return rows[0]?.count ?? 0;
}

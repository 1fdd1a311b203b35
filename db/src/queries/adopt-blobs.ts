/** Blobs that lie in the folder and on no list. */
import type { Pool } from "pg";
import { dateOf } from "../days.ts";

/**
 * Puts blobs on the list that are not on it, as if telemetry of `day` (days since 1970, UTC) had named them: that of rows
 * which may name them is not known.
 *
 * @returns how many there were
 */
export async function adoptBlobs(pool: Pool, sha256s: readonly string[], day: number): Promise<number> {
  // In the order in which telemetry locks them: neither can wait for the other in a circle.
  const { rowCount } = await pool.query(
    "insert into blobs select name, $2 from unnest($1::text[]) as name order by name on conflict do nothing",
    [sha256s, dateOf(day)],
  );
  return rowCount ?? 0;
}

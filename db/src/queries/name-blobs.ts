/** Which blobs are in use, and until which day. */
import type { ClientBase } from "pg";
import { dateOf, dayOf } from "../days.ts";
import type { TelemetryRow } from "../rows.ts";

/**
 * Notes which blobs the rows name, and until which day that keeps them.
 *
 * Every one of them stays locked until the transaction ends, also where its day need not move: a sweep that is about to
 * remove it is waited for, one that comes later passes it by. They are locked in the order of their names, so that two
 * hubs cannot wait for each other.
 * @returns whether there were any
 */
export async function nameBlobs(client: ClientBase, rows: readonly TelemetryRow[]): Promise<boolean> {
  const newestDays = newestDaysOf(rows);
  if (newestDays.size === 0) return false;
  const names = [...newestDays.keys()].sort();
  await client.query({
    name: "name-blobs",
    text: `insert into blobs (sha256, newest_day)
           select * from unnest($1::text[], $2::date[])
           on conflict (sha256) do update set newest_day = excluded.newest_day
           where blobs.newest_day < excluded.newest_day`,
    values: [names, names.map((name) => dateOf(newestDays.get(name) ?? 0))],
  });
  return true;
}

function newestDaysOf(rows: readonly TelemetryRow[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { blobs, createdAt } of rows) {
    if (blobs === undefined) continue;
    const day = dayOf(createdAt);
    for (const sha256 of blobs) newest.set(sha256, Math.max(day, newest.get(sha256) ?? day));
  }
  return newest;
}

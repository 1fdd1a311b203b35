/** Drops the partitions of days that are not kept. */
import type { ClientBase, Pool } from "pg";
import { partitionedTables, partitionName } from "../days.ts";
import { schemaLock } from "./create-partitions.ts";

/** A partition that retention drops. */
interface DroppedPartition {
  name: string;
  bytes: number;
}

/** How long a partition may wait for readers and writers to let go of it, in milliseconds. */
const lockPatienceMs = 10_000;

/**
 * Drops the partitions of all days before `firstKeptDay` (days since 1970, UTC), each as a whole.
 *
 * A partition is detached concurrently before it is dropped, so that readers and writers of other days go on. What an
 * earlier run was interrupted in is finished: a detachment, or the drop of what was detached, which no row of that day
 * could get past.
 *
 * @param onDropped told of each as it goes
 * @param dryRun tells, and drops nothing
 */
export async function dropPartitionsBefore(
  pool: Pool,
  firstKeptDay: number,
  onDropped: (partition: DroppedPartition) => void,
  dryRun = false,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [schemaLock]);
    await client.query(`set lock_timeout = ${lockPatienceMs}`);
    for (const table of partitionedTables) {
      for (const { name, bytes, detached } of await partitionsBefore(client, table, firstKeptDay)) {
        if (!dryRun) {
          const how = { no: "concurrently", halfway: "finalize" };
          if (detached !== "yes") await client.query(`alter table ${table} detach partition ${name} ${how[detached]}`);
          await client.query(`drop table ${name}`);
        }
        onDropped({ name, bytes });
      }
    }
    await client.query("reset lock_timeout");
    await client.query("select pg_advisory_unlock($1)", [schemaLock]);
    client.release();
  } catch (error) {
    // Closing the connection lets go of the lock and the settings, whatever state it is in.
    client.release(true);
    throw error;
  }
}

/** Those that are detached already belong to no table any more: only their names tell of them. */
async function partitionsBefore(client: ClientBase, table: (typeof partitionedTables)[number], firstKeptDay: number) {
  const { rows } = await client.query<DroppedPartition & { detached: "no" | "halfway" | "yes" }>(
    `select relname as name, pg_total_relation_size(part.oid)::float8 as bytes,
            case when inhrelid is null then 'yes' when inhdetachpending then 'halfway' else 'no' end as detached
     from pg_class as part left join pg_inherits on inhrelid = part.oid
     where (inhparent = to_regclass($1) or inhparent is null) and part.relkind = 'r'
       and part.relnamespace = (select relnamespace from pg_class where oid = to_regclass($1))
       and relname ~ ('^' || $1 || '_[0-9]{8}$') and relname < $2
     order by relname`,
    [table, partitionName(table, firstKeptDay)],
  );
  return rows;
}

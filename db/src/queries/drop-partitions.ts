import type { Pool } from "pg";
import { dateOf, partitionedTables } from "../partitions.ts";
import { schemaLock } from "./create-partitions.ts";

/** A partition that retention drops. */
export interface DroppedPartition {
  name: string;
  bytes: number;
}

/** How long a partition may wait for readers and writers to let go of it, in milliseconds. */
const lockPatienceMs = 10_000;

/**
 * Drops the partitions of all days before `firstKeptDay` (days since 1970, UTC), each as a whole.
 *
 * A partition is detached concurrently before it is dropped, so that readers and writers of other days go on.
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
      const { rows } = await client.query<DroppedPartition & { pending: boolean }>(
        `select relname as name, pg_total_relation_size(oid)::float8 as bytes, inhdetachpending as pending
         from pg_class join pg_inherits on inhrelid = oid
         where inhparent = to_regclass($1) and relname < $2 order by relname`,
        [table, `${table}_${dateOf(firstKeptDay).replaceAll("-", "")}`],
      );
      for (const { name, bytes, pending } of rows) {
        if (!dryRun) {
          // A detachment that was interrupted before is finished first.
          await client.query(`alter table ${table} detach partition ${name} ${pending ? "finalize" : "concurrently"}`);
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

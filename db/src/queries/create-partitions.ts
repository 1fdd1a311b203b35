/** Makes the partitions of days. */
import type { Pool } from "pg";
import { dateOf, partitionedTables, partitionName } from "../days.ts";
import { inTransaction } from "../transaction.ts";

/** One key for all who change the shape of the database: migrations and partitions. */
export const schemaLock = 0x68_75_62;

/**
 * Makes the partitions of the given days (days since 1970, UTC) where there are none.
 *
 * A table is made on its own and then attached: unlike `partition of`, that does not stop readers and writers.
 */
export async function createPartitions(pool: Pool, days: readonly number[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [schemaLock]);
    for (const table of partitionedTables) {
      for (const day of days) {
        const partition = partitionName(table, day);
        const { rowCount } = await client.query("select from pg_class where oid = to_regclass($1)", [partition]);
        if (rowCount !== 0) continue;
        await client.query(`create table ${partition} (like ${table} including defaults including constraints)`);
        await client.query(
          `alter table ${table} attach partition ${partition} ` +
            `for values from ('${dateOf(day)} 00:00+00') to ('${dateOf(day + 1)} 00:00+00')`,
        );
      }
    }
  });
}

/** Brings the database to the code's version: numbered, forward only. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compileValidator } from "@physical-ai/unity-protocol";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import type { Pool } from "pg";
import Type from "typebox";
import { schemaLock } from "./queries/create-partitions.ts";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));
const validateJournal = compileValidator(
  "migrations/meta/_journal.json",
  Type.Object({ entries: Type.Array(Type.Object({ when: Type.Number(), tag: Type.String() })) }),
);

/**
 * Applies the migrations that are missing; safe when several hubs start at once.
 *
 * @throws when the database is newer than this code
 */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [schemaLock]);
    await refuseNewerDatabase(client);
    await applyMigrations(drizzle(client), { migrationsFolder });
    await client.query("select pg_advisory_unlock($1)", [schemaLock]);
    client.release();
  } catch (error) {
    // The lock goes with its connection, in whatever state that is.
    client.release(true);
    throw error;
  }
}

async function refuseNewerDatabase(client: { query: Pool["query"] }): Promise<void> {
  const { rows: tables } = await client.query("select to_regclass('drizzle.__drizzle_migrations') as name");
  if (tables[0]?.name === null) return;
  const { rows } = await client.query("select max(created_at)::float8 as newest from drizzle.__drizzle_migrations");
  const journal = validateJournal(JSON.parse(await readFile(`${migrationsFolder}/meta/_journal.json`, "utf8")));
  if (!journal.ok) throw new Error(journal.problem);
  const known = Math.max(...journal.value.entries.map((entry) => entry.when));
  if ((rows[0]?.newest ?? 0) > known) {
    throw new Error(
      "the database is newer than this code: it has migrations that this version does not know. " +
        "Run the version that made it, or a newer one.",
    );
  }
}

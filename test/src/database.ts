/** Databases of a test's own on a real server, and their outages. */
import { randomBytes } from "node:crypto";
import { createStore, openPool, type Store } from "@physical-ai/db";
import pg from "pg";

/** A migrated database. Whoever makes it drops it. */
export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  store: Store;
  drop(): Promise<void>;
}

/** Makes a database on the server and migrates it. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const empty = await createEmptyDatabase(serverUrl);
  const pool = openPool(empty.url, () => undefined);
  const store = createStore(pool);
  await store.prepare();
  return {
    url: empty.url,
    pool,
    store,
    async drop() {
      await pool.end();
      await empty.drop();
    },
  };
}

/** Makes a database on the server, without tables. Whoever makes it drops it. */
export async function createEmptyDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(serverUrl, `drop database ${name} with (force)`) };
}

async function onServer(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/**
 * Cuts off everyone who uses the database, and lets nobody in.
 *
 * @returns what lets them in again
 */
export async function interruptDatabase(serverUrl: string, databaseUrl: string): Promise<() => Promise<void>> {
  const name = new URL(databaseUrl).pathname.slice(1);
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`alter database ${name} with allow_connections false`);
  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  return async () => {
    await client.query(`alter database ${name} with allow_connections true`);
    await client.end();
  };
}

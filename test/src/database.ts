/** A database of its own for one test file, on a real server. */
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

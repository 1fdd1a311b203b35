/** A database that is away for a while, on a server that goes on. */
import pg from "pg";

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

/** Which database to work on, and connections to it. */
import pg, { type ClientBase, type Pool } from "pg";
import { embeddedUrl, runningSettings } from "./embedded/settings.ts";

/** Which database to work on: the one named, or the data folder's own. */
export interface DatabaseChoice {
  databaseUrl?: string | undefined;
  dataDir: string;
}

/**
 * The connection string of the database that was chosen.
 *
 * @throws when the data folder has no database, or it does not run
 */
export async function databaseUrlOf({ databaseUrl, dataDir }: DatabaseChoice): Promise<string> {
  return databaseUrl ?? embeddedUrl(await runningSettings(dataDir));
}

/**
 * Opens a pool of connections. Whoever opens it ends it.
 *
 * @param databaseUrl `postgres://user:password@host:port/database`
 * @param onError told of connections that break; the pool replaces them by itself
 */
export function openPool(databaseUrl: string, onError: (error: Error) => void, connections = 8): Pool {
  return open({ connectionString: databaseUrl, max: connections }, onError);
}

/** Opens a pool on whose connections nothing can be written. Whoever opens it ends it. */
export function openReadingPool(databaseUrl: string, onError: (error: Error) => void, connections = 8): Pool {
  const onConnect = (client: ClientBase) => client.query("set default_transaction_read_only = on");
  return open({ connectionString: databaseUrl, max: connections, onConnect }, onError);
}

function open(config: pg.PoolConfig, onError: (error: Error) => void): Pool {
  const pool = new pg.Pool({
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: "physical-ai-hub",
    ...config,
  });
  // Both are needed: the pool speaks only for its idle connections, and an error nobody hears ends the process.
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}

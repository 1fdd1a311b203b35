import pg, { type Pool } from "pg";

/**
 * Opens a pool of connections. Whoever opens it ends it.
 *
 * @param databaseUrl `postgres://user:password@host:port/database`
 * @param onError told of connections that break; the pool replaces them by itself
 */
export function openPool(databaseUrl: string, onError: (error: Error) => void, connections = 8): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: "physical-ai-hub",
  });
  // Both are needed: the pool speaks only for its idle connections, and an error nobody hears ends the process.
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}

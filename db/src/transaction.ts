import type { Pool, PoolClient } from "pg";

/** Runs `work` in a transaction: commits when it resolves, rolls back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    await client.query("rollback").then(
      () => client.release(),
      // The connection itself is broken: the pool must not hand it out again.
      (rollbackError: Error) => client.release(rollbackError),
    );
    throw error;
  }
}

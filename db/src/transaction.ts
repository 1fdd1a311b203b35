import type { Pool, PoolClient } from "pg";

/** Longer than any healthy transaction of the hub takes. */
const defaultPatienceMs = 30_000;

/**
 * Runs `work` in a transaction: commits when it resolves, rolls back when it throws.
 *
 * Networks may forget a connection without telling anybody. A transaction that does not end in time is therefore given
 * up at both ends: here its connection is closed, and in the database it lets go of its locks.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  patienceMs = defaultPatienceMs,
): Promise<T> {
  const client = await pool.connect();
  let released = false;
  const release = (problem?: Error) => {
    if (!released) client.release(problem);
    released = true;
  };
  let overdue: Error | undefined;
  const deadline = setTimeout(() => {
    overdue = new Error(`a transaction did not end within ${patienceMs} ms; its connection was given up`);
    release(overdue);
  }, patienceMs);
  try {
    await client.query(`begin; set local idle_in_transaction_session_timeout = ${patienceMs}`);
    const result = await work(client);
    await client.query("commit");
    release();
    return result;
  } catch (error) {
    // Where that fails the connection itself is broken: the pool must not hand it out again.
    await client.query("rollback").then(() => release(), release);
    throw overdue ?? error;
  } finally {
    clearTimeout(deadline);
  }
}

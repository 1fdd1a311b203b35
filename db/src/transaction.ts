/** Transactions that end: also when the network forgets the connection, or the answer to COMMIT is lost. */
import type { Pool, PoolClient } from "pg";
import { type Ask, type Witness, wasCommitted } from "./queries/was-committed.ts";

/** How a transaction ends. */
interface TransactionOptions {
  /** Longer than any healthy transaction takes, in milliseconds. */
  patienceMs?: number;
  /**
   * A row that the transaction writes. With it a COMMIT whose answer was lost is looked into; without it that is an error,
   * and writing the same again must be safe.
   */
  witness?: Witness | undefined;
}

const defaultPatienceMs = 30_000;
const askingPatienceMs = 5_000;

/**
 * Runs `work` in a transaction: commits when it resolves, rolls back when it throws.
 *
 * Networks may forget a connection without telling anybody. A transaction that does not end in time is therefore given
 * up at both ends: here its connection is closed, and in the database it lets go of its locks.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { patienceMs = defaultPatienceMs, witness }: TransactionOptions = {},
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
  let xid: string | undefined;
  let done: { result: T } | undefined;
  try {
    xid = await begin(client, patienceMs, witness !== undefined);
    done = { result: await work(client) };
    await client.query("commit");
    release();
    return done.result;
  } catch (error) {
    // Where that fails the connection itself is broken: the pool must not hand it out again.
    await client.query("rollback").then(() => release(), release);
    if (done !== undefined && (await wasCommittedUnheard(pool, xid, witness, patienceMs))) return done.result;
    throw overdue ?? error;
  } finally {
    clearTimeout(deadline);
  }
}

/** The answer to COMMIT may be all that was lost. The session is gone for sure when its patience is over once more. */
async function wasCommittedUnheard(
  pool: Pool,
  xid: string | undefined,
  witness: Witness | undefined,
  patienceMs: number,
): Promise<boolean> {
  if (xid === undefined || witness === undefined) return false;
  const ask: Ask = (question) => inTransaction(pool, question, { patienceMs: askingPatienceMs });
  return wasCommitted(ask, xid, witness, 2 * patienceMs);
}

/** Returns the transaction's id when it is asked for: that costs no way there and back of its own. */
async function begin(client: PoolClient, patienceMs: number, withId: boolean): Promise<string | undefined> {
  const statements = ["begin", `set local idle_in_transaction_session_timeout = ${patienceMs}`];
  if (withId) statements.push("select pg_current_xact_id()::text as xid");
  // Several statements have several results.
  const results = [await client.query<{ xid?: string }>(statements.join("; "))].flat();
  return results.at(-1)?.rows[0]?.xid;
}

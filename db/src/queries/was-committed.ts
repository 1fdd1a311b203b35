/** Whether a transaction was committed whose COMMIT was not answered. */
import { setTimeout as sleep } from "node:timers/promises";
import pg, { type ClientBase } from "pg";

/** A row that a transaction has written, by which its work is known again. */
export interface Witness {
  table: "robot_telemetry" | "ai_predictions";
  robotId: string;
  /** The row's `data_type` or `policy`. */
  kind: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Asks the database on a connection that works, or throws. */
export type Ask = <T>(question: (client: ClientBase) => Promise<T>) => Promise<T>;

const kindColumns = { robot_telemetry: "data_type", ai_predictions: "policy" } as const;
const pauseMs = 200;

/**
 * Finds out whether a transaction was committed whose COMMIT was not answered. Asks again while the database is away, and
 * while the transaction is still in progress.
 *
 * @param xid its `pg_current_xact_id()`
 * @throws when that is still not known after `patienceMs`
 */
export async function wasCommitted(ask: Ask, xid: string, witness: Witness, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    let cause: unknown;
    try {
      const status = await ask((client) => statusOf(client, xid));
      if (status === "aborted") return false;
      // A crash may forget an id, and then give it to another transaction.
      if (status === "committed") return await ask((client) => isThere(client, xid, witness));
    } catch (error) {
      if (isOfTheFuture(error)) return false;
      cause = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`it could not be found out within ${patienceMs} ms whether a transaction was committed`, {
        cause,
      });
    }
    await sleep(pauseMs);
  }
}

async function statusOf(client: ClientBase, xid: string): Promise<string | null> {
  const { rows } = await client.query<{ status: string | null }>("select pg_xact_status($1::xid8) as status", [xid]);
  return rows[0]?.status ?? null;
}

async function isThere(client: ClientBase, xid: string, witness: Witness): Promise<boolean> {
  const { table, robotId, kind, createdAt } = witness;
  const { rowCount } = await client.query(
    `select from ${table}
     where robot_id = $1 and ${kindColumns[table]} = $2
       and created_at between $3::timestamptz and $3::timestamptz + interval '1 ms' and xmin = $4::xid8::xid
     limit 1`,
    [robotId, kind, new Date(createdAt), xid],
  );
  return rowCount !== 0;
}

/** SQLSTATE 22023 of `pg_xact_status`: a crash took the transaction so early that its id has not been used yet. */
function isOfTheFuture(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "22023";
}

import { messageOf } from "@physical-ai/service/errors";
import pg, { type Pool, type PoolClient } from "pg";

/**
 * Reads from one snapshot of the database: however long it takes, rows that come meanwhile are not in it.
 *
 * @throws when the database does not answer, goes away in the middle, or is another one
 */
export async function* inSnapshot<T>(pool: Pool, read: (client: PoolClient) => AsyncIterable<T>): AsyncGenerator<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw new Error(`the database does not answer: ${messageOf(error)}`, { cause: error });
  });
  let done = false;
  try {
    await client.query("begin isolation level repeatable read read only; set local timezone to 'UTC'");
    yield* read(client);
    await client.query("commit");
    done = true;
  } catch (error) {
    if (wentAway(error)) throw new Error(`the database went away in the middle: ${messageOf(error)}`, { cause: error });
    throw hasNoTables(error) ? new Error(noTables, { cause: error }) : error;
  } finally {
    // A connection that was left in the middle of a COPY is of no use any more.
    client.release(!done);
  }
}

/** Classes 08 (connection exception) and 57P (the server stops, the session was ended); other errors have no class. */
function wentAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|57P)/.test(error.code ?? "");
  return /Connection terminated|not queryable/.test(messageOf(error)) || (error instanceof Error && "syscall" in error);
}

const noTables =
  "this database has no tables of the hub: is it the right one (DATABASE_URL, DATA_DIR)? npm run db -- migrate makes them";

/** 42P01: undefined table. */
const hasNoTables = (error: unknown) => error instanceof pg.DatabaseError && error.code === "42P01";

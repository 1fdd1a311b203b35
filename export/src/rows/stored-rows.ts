/** Stored rows for whatever computes with them, out of one snapshot of the database. */
import { type CopyReader, copyRows } from "@physical-ai/db";
import { messageOf } from "@physical-ai/service/errors";
import pg, { type Pool, type PoolClient } from "pg";
import { selected, type TelemetrySelection } from "./selection.ts";

/** A row of `robot_telemetry`. */
export interface StoredTelemetry {
  id: string;
  robotId: string;
  robotType: string;
  dataType: string;
  /** The packet's `val`. */
  value: unknown;
  /** Epoch milliseconds, with the microseconds as their fraction. */
  createdAtMs: number;
  receivedAtMs: number;
  streamId: string | undefined;
  seq: number | undefined;
}

const usualBatchRows = 1_000;

/**
 * Yields the rows of one snapshot in the order of `created_at`, then `seq`, in batches. Memory stays flat.
 *
 * @throws when the database goes away in the middle
 */
export async function* readTelemetry(
  pool: Pool,
  selection: TelemetrySelection,
  { batchRows = usualBatchRows }: { batchRows?: number } = {},
): AsyncGenerator<readonly StoredTelemetry[]> {
  yield* inSnapshot(pool, (client) => telemetryBatches(client, selection, batchRows));
}

async function* telemetryBatches(
  client: PoolClient,
  selection: TelemetrySelection,
  batchRows: number,
): AsyncGenerator<readonly StoredTelemetry[]> {
  // Sorted as they are ("offset 0"), and turned into text as they are read: the first row comes soon.
  const query = `select id, robot_id, robot_type, data_type, (payload->'value')::text, created_at, received_at, stream_id::text, seq
    from (select * from robot_telemetry t where ${selected("t", "data_type", selection)}
      order by t.created_at, t.seq, t.id offset 0) as sorted`;
  let batch: StoredTelemetry[] = [];
  for await (const rows of copyRows(client, query)) {
    while (rows.next()) {
      batch.push(telemetryOf(rows));
      if (batch.length < batchRows) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function telemetryOf(row: CopyReader): StoredTelemetry {
  return {
    id: String(row.int64()),
    robotId: row.text() ?? "",
    robotType: row.text() ?? "",
    dataType: row.text() ?? "",
    value: JSON.parse(row.text() ?? "null"),
    createdAtMs: row.epochMilliseconds() ?? 0,
    receivedAtMs: row.epochMilliseconds() ?? 0,
    streamId: row.text(),
    seq: row.int64(),
  };
}

/** What was predicted, as it is stored. */
export interface StoredPrediction {
  modelVersion: string;
  streamId: string | undefined;
  /** Of the newest packet that it was made from. */
  lastSeq: number | undefined;
  label: string | undefined;
  /** `scores` by label, or `values` of a regression: JSON, parsed by whoever looks into it. */
  numbersJson: string | undefined;
  /** Epoch milliseconds, with the microseconds as their fraction. */
  createdAtMs: number;
}

/**
 * Yields the predictions of one snapshot in the order of `created_at`, as many at a time as come at once. Memory stays flat.
 *
 * @param selection its types are policies
 * @throws when the database goes away in the middle
 */
export function readPredictions(
  pool: Pool,
  selection: TelemetrySelection,
): AsyncGenerator<readonly StoredPrediction[], void> {
  return inSnapshot(pool, (client) => predictionBatches(client, selection));
}

async function* predictionBatches(
  client: PoolClient,
  selection: TelemetrySelection,
): AsyncGenerator<readonly StoredPrediction[]> {
  const query = `select model_version, stream_id::text, last_seq, created_at, result_payload->>'label',
      coalesce(result_payload->'scores', result_payload->'values')::text
    from (select * from ai_predictions p where ${selected("p", "policy", selection)}
      order by p.created_at, p.id offset 0) as sorted`;
  for await (const rows of copyRows(client, query)) {
    const batch: StoredPrediction[] = [];
    while (rows.next()) batch.push(predictionOf(rows));
    yield batch;
  }
}

function predictionOf(row: CopyReader): StoredPrediction {
  return {
    modelVersion: row.text() ?? "",
    streamId: row.text(),
    lastSeq: row.int64(),
    createdAtMs: row.epochMilliseconds() ?? 0,
    label: row.text(),
    numbersJson: row.text(),
  };
}

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

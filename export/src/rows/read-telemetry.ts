/** Stored telemetry, row by row, for whatever computes with it. */

import { type CopyReader, copyRows } from "@physical-ai/db";
import type { Pool, PoolClient } from "pg";
import { inSnapshot } from "./in-snapshot.ts";
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
  yield* inSnapshot(pool, (client) => batchesOf(client, selection, batchRows));
}

async function* batchesOf(
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
      batch.push(readRow(rows));
      if (batch.length < batchRows) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function readRow(row: CopyReader): StoredTelemetry {
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

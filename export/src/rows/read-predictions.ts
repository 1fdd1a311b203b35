/** Stored predictions, row by row, for whatever compares with them. */

import { type CopyReader, copyRows } from "@physical-ai/db";
import type { Pool, PoolClient } from "pg";
import { inSnapshot } from "./in-snapshot.ts";
import { selected, type TelemetrySelection } from "./selection.ts";

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
  return inSnapshot(pool, (client) => batchesOf(client, selection));
}

async function* batchesOf(
  client: PoolClient,
  selection: TelemetrySelection,
): AsyncGenerator<readonly StoredPrediction[]> {
  const query = `select model_version, stream_id::text, last_seq, created_at, result_payload->>'label',
      coalesce(result_payload->'scores', result_payload->'values')::text
    from (select * from ai_predictions p where ${selected("p", "policy", selection)}
      order by p.created_at, p.id offset 0) as sorted`;
  for await (const rows of copyRows(client, query)) {
    const batch: StoredPrediction[] = [];
    while (rows.next()) batch.push(readRow(rows));
    yield batch;
  }
}

function readRow(row: CopyReader): StoredPrediction {
  return {
    modelVersion: row.text() ?? "",
    streamId: row.text(),
    lastSeq: row.int64(),
    createdAtMs: row.epochMilliseconds() ?? 0,
    label: row.text(),
    numbersJson: row.text(),
  };
}

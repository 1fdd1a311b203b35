/** Rows of predictions, by binary COPY. */
import type { Pool } from "pg";
import { copyInto } from "../columns.ts";
import { CopyWriter, copyIn } from "../copy-writer.ts";
import type { PredictionRow } from "../rows.ts";
import { aiPredictions } from "../schema.ts";
import { inTransaction } from "../transaction.ts";
import type { Witness } from "./was-committed.ts";

const { sql, columns } = copyInto(aiPredictions);
const usualRowBytes = 768;

/** Writes predictions with one COPY, column by column in the order of `schema.ts`. */
export async function insertPredictions(pool: Pool, rows: readonly PredictionRow[]): Promise<void> {
  const data = new CopyWriter(rows.length * usualRowBytes);
  for (const row of rows) {
    data.row(columns);
    data.text(row.robotId);
    data.text(row.robotType);
    data.text(row.policy);
    data.text(row.modelVersion);
    data.jsonb(row.resultJson);
    data.uuid(row.streamId);
    data.bigint(row.firstSeq);
    data.bigint(row.lastSeq);
    data.real(row.inferMs);
    data.real(row.totalMs);
    data.timestamp(row.createdAt);
  }
  await inTransaction(pool, (client) => copyIn(client, sql, data.end()), { witness: witnessOf(rows) });
}

function witnessOf([row]: readonly PredictionRow[]): Witness | undefined {
  return row && { table: "ai_predictions", robotId: row.robotId, kind: row.policy, createdAt: row.createdAt };
}

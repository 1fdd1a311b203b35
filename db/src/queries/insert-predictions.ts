import { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import type { Pool } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { copyLine, copyTime } from "../copy-text.ts";
import type { PredictionRow } from "../rows.ts";
import { inTransaction } from "../transaction.ts";

const copySql = `copy ai_predictions
  (robot_id, robot_type, policy, model_version, result_payload, stream_id, first_seq, last_seq,
   infer_ms, total_ms, created_at) from stdin`;

/** Writes predictions with one COPY. */
export async function insertPredictions(pool: Pool, rows: readonly PredictionRow[]): Promise<void> {
  const lines = rows.map((row) =>
    copyLine([
      row.robotId,
      row.robotType,
      row.policy,
      row.modelVersion,
      row.resultJson,
      row.streamId,
      row.firstSeq,
      row.lastSeq,
      // In a real's own precision and range: one absurd duration must not have the rows beside it refused.
      Math.fround(row.inferMs),
      Math.fround(row.totalMs),
      copyTime(row.createdAt),
    ]),
  );
  await inTransaction(pool, async (client) => {
    const copy = client.query(copyFrom(copySql));
    copy.end(Buffer.from(lines.join("")));
    await finished(copy);
  });
}

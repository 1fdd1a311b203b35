import { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { copyLine, copyTime } from "../copy-text.ts";
import type { TelemetryRow } from "../rows.ts";

const copySql = `copy robot_telemetry
  (robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq) from stdin`;

/** Writes rows with one COPY. */
export async function copyTelemetry(client: ClientBase, rows: Iterable<TelemetryRow>): Promise<void> {
  let text = "";
  for (const row of rows) {
    text += copyLine([
      row.robotId,
      row.robotType,
      row.dataType,
      `{"value":${row.valueJson}}`,
      copyTime(row.createdAt),
      copyTime(row.receivedAt),
      row.streamId,
      row.seq,
    ]);
  }
  const copy = client.query(copyFrom(copySql));
  copy.end(Buffer.from(text));
  await finished(copy);
}

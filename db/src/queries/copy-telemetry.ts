/** Rows of telemetry, by binary COPY. */
import type { ClientBase } from "pg";
import { CopyWriter, copyIn } from "../copy-writer.ts";
import type { TelemetryRow } from "../rows.ts";

const copySql = `copy robot_telemetry
  (robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq) from stdin (format binary)`;
const columns = 8;
const usualRowBytes = 256;

/** Writes rows with one COPY. */
export async function copyTelemetry(client: ClientBase, rows: readonly TelemetryRow[]): Promise<void> {
  const data = new CopyWriter(rows.length * usualRowBytes);
  for (const row of rows) {
    data.row(columns);
    data.text(row.robotId);
    data.text(row.robotType);
    data.text(row.dataType);
    data.jsonb(`{"value":${row.valueJson}}`);
    data.timestamp(row.createdAt);
    data.timestamp(row.receivedAt);
    data.uuid(row.streamId);
    data.bigint(row.seq);
  }
  await copyIn(client, copySql, data.end());
}

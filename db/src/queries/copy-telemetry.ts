import { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { copyNull, copyText, createTimeWriter } from "../copy-text.ts";
import type { TelemetryRow } from "../rows.ts";

const copySql = `copy robot_telemetry
  (robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq) from stdin`;

/** Writes rows with one COPY. */
export async function copyTelemetry(client: ClientBase, rows: Iterable<TelemetryRow>): Promise<void> {
  const time = createTimeWriter();
  let text = "";
  for (const row of rows) {
    text +=
      `${copyText(row.robotId)}\t${copyText(row.robotType)}\t${copyText(row.dataType)}\t` +
      `{"value":${copyText(row.valueJson)}}\t${time(row.createdAt)}\t${time(row.receivedAt)}\t` +
      `${row.streamId ?? copyNull}\t${row.seq ?? copyNull}\n`;
  }
  const copy = client.query(copyFrom(copySql));
  copy.end(Buffer.from(text));
  await finished(copy);
}

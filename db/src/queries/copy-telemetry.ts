/** Rows of telemetry, by binary COPY. */
import type { ClientBase } from "pg";
import { copyInto } from "../columns.ts";
import { CopyWriter, copyIn } from "../copy-writer.ts";
import type { TelemetryRow } from "../rows.ts";
import { robotTelemetry } from "../schema.ts";

const { sql, columns } = copyInto(robotTelemetry);
const usualRowBytes = 256;

/** Writes rows with one COPY, column by column in the order of `schema.ts`. */
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
  await copyIn(client, sql, data.end());
}

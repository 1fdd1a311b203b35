/** From a table to the bytes of a file: looks at what the rows hold, then has the database write them. */
import { Buffer } from "node:buffer";
import { copyRows } from "@physical-ai/db";
import type { Pool, PoolClient } from "pg";
import { to as copyTo } from "pg-copy-streams";
import { csvLines } from "../csv.ts";
import type { ColumnSchema, FieldColumn } from "./columns.ts";
import { wantedColumns } from "./columns.ts";
import { noRows } from "./errors.ts";
import { FieldScan } from "./field-scan.ts";
import { type Fit, fitColumns, inferColumns } from "./fit.ts";
import { encodeRows, type NamedColumn } from "./row-groups.ts";
import { selectList } from "./select-list.ts";
import type { TelemetrySelection } from "./selection.ts";
import { inSnapshot } from "./stored-rows.ts";
import { type ExportTable, type TableQuery, tableQuery } from "./tables.ts";

export const exportFormats = ["csv", "jsonl", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What to export, and how. */
export interface ExportRequest {
  table: ExportTable;
  selection: TelemetrySelection;
  format: ExportFormat;
  /** Joins predictions and commands to the telemetry that they were made from. */
  withInputs: boolean;
  /** The columns of the fields; found by looking at all rows when missing. */
  schema?: ColumnSchema | undefined;
}

/** What was found before the first byte. */
export interface ExportPlan extends Fit {
  rows: number;
  /** The query that gives the rows. */
  sql: string;
}

/** Told how an export goes. */
export interface ExportListener {
  onScanned?: (rows: number) => void;
  /** Once, before the first byte. */
  onPlan?: (plan: ExportPlan) => void;
  onWritten?: (rows: number) => void;
}

/**
 * Yields the bytes of the file. All of it is of one snapshot, memory stays flat, and nothing waits for a slow reader
 * but the database.
 *
 * @throws when the database goes away in the middle, or the rows have more fields than a table has columns
 */
export function openExport(
  pool: Pool,
  request: ExportRequest,
  listener: ExportListener = {},
): AsyncGenerator<Uint8Array> {
  return inSnapshot(pool, async function* (client) {
    const query = tableQuery(request.table, request.selection, request.withInputs);
    const found = await lookAt(client, query, request.schema, listener);
    if (found.rows === 0) throw await noRows(client, request.table, request.selection);
    const plan = { ...found, sql: rowsQuery(query, found.columns, request.format) };
    listener.onPlan?.(plan);
    yield* write(client, plan, [...query.columns, ...plan.columns], request.format, listener);
  });
}

async function lookAt(
  client: PoolClient,
  query: TableQuery,
  schema: ColumnSchema | undefined,
  { onScanned }: ExportListener,
): Promise<Omit<ExportPlan, "sql">> {
  const columns = schema === undefined ? undefined : wantedColumns(schema, query.json);
  const sightings = query.json.map(
    (source) =>
      new FieldScan(
        source,
        columns?.filter((column) => column.source === source),
      ),
  );
  let rows = 0;
  const documents = query.json.map(({ sql }) => sql).join(", ");
  for await (const reader of copyRows(
    client,
    `select ${query.id}, ${documents} from ${query.from} where ${query.where}`,
  )) {
    const before = rows;
    while (reader.next()) {
      const id = reader.int64() ?? 0;
      for (const seen of sightings) {
        const jsonb = reader.bytes();
        if (jsonb !== undefined) seen.see(id, jsonb, jsonbVersionLength);
      }
      rows++;
    }
    onScanned?.(rows - before);
  }
  const seen = sightings.flatMap((source) => source.list());
  return { rows, ...(columns === undefined ? inferColumns(seen) : fitColumns(columns, seen)) };
}

/** What precedes the text of a jsonb in binary. */
const jsonbVersionLength = 1;

function rowsQuery(
  { from, where, orderBy, columns }: TableQuery,
  fields: readonly FieldColumn[],
  format: ExportFormat,
): string {
  const rendering = ({ csv: "text", jsonl: "json", parquet: "binary" } as const)[format];
  return `select ${selectList(columns, fields, rendering)} from ${from} where ${where} order by ${orderBy}`;
}

async function* write(
  client: PoolClient,
  { sql, rows }: ExportPlan,
  columns: readonly NamedColumn[],
  format: ExportFormat,
  { onWritten = () => undefined }: ExportListener,
): AsyncGenerator<Uint8Array> {
  if (format === "parquet") {
    yield* encodeRows(columns, copyRows(client, sql), rows, onWritten);
    return;
  }
  if (format === "csv") yield Buffer.from(csvLines([columns.map(({ name }) => name)]));
  const copy = format === "csv" ? `copy (${sql}) to stdout (format csv)` : jsonLines(sql);
  for await (const chunk of client.query(copyTo(copy))) {
    yield chunk;
    onWritten(linesIn(chunk));
  }
}

/** JSON text holds no control characters: with them for quote and delimiter CSV is one value a line, as it is. */
function jsonLines(query: string): string {
  return `copy (select row_to_json(r) from (${query}) r) to stdout (format csv, quote e'\\x01', delimiter e'\\x02')`;
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}

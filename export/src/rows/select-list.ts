/** The columns of an export as expressions of SQL. */
import { Buffer } from "node:buffer";
import { escapeIdentifier, escapeLiteral } from "pg";
import type { FieldColumn, FieldType, TableColumn } from "./columns.ts";
import { NotExportableError } from "./errors.ts";

/** How values leave the database: as text of their own, as values within JSON, or in PostgreSQL's binary form. */
export type Rendering = "text" | "json" | "binary";

/**
 * One expression a column. Within JSON each has its name; elsewhere names are written beside the rows, where they may be
 * as long as they are.
 *
 * @throws {NotExportableError} when a name is longer than PostgreSQL's, within JSON
 */
export function selectList(
  tableColumns: readonly TableColumn[],
  fieldColumns: readonly FieldColumn[],
  rendering: Rendering,
): string {
  const cells = [
    ...tableColumns.map((column) => ({ name: column.name, sql: tableCell(column, rendering) })),
    ...fieldColumns.map((column) => ({ name: column.name, sql: fieldCell(column, rendering) })),
  ];
  if (rendering !== "json") return cells.map(({ sql }) => sql).join(", ");
  const long = cells.find(({ name }) => Buffer.byteLength(name) > mostNameBytes);
  if (long === undefined) return cells.map(({ name, sql }) => `${sql} as ${escapeIdentifier(name)}`).join(", ");
  throw new NotExportableError(
    `JSON lines take names of at most ${mostNameBytes} bytes; got ${long.name}. Export to CSV or Parquet, ` +
      "or keep its branch in one column with a schema file",
  );
}

/** PostgreSQL cuts longer ones off. */
const mostNameBytes = 63;

function tableCell({ type, sql }: TableColumn, rendering: Rendering): string {
  if (type === "text") return `${sql}::text`;
  // Always with microseconds: pandas expects every time of a column to look like the first.
  if (type === "timestamp" && rendering !== "binary") return `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return sql;
}

function fieldCell(column: FieldColumn, rendering: Rendering): string {
  const { type, source, path, guarded } = column;
  const keys = escapeLiteral(`{${path.map((key) => `"${key.replace(/["\\]/g, "\\$&")}"`).join(",")}}`);
  const text = `${source.sql} #>> ${keys}`;
  const value = `${source.sql} #> ${keys}`;
  // A null of JSON is an empty cell as any other is.
  if (type === "json") return rendering === "json" ? value : `nullif(${value}, 'null')::text`;
  const cell = typedCell(type, text, rendering);
  return guarded ? `case when ${fits(type, text, value)} then ${cell} end` : cell;
}

function typedCell(type: Exclude<FieldType, "json">, text: string, rendering: Rendering): string {
  if (type === "double") return `(${text})::float8`;
  if (type === "bigint") return `(${text})::numeric::int8`;
  // PostgreSQL writes t and f where it has booleans of its own; JSON has true and false.
  return type === "boolean" && rendering !== "text" ? `(${text})::boolean` : text;
}

const jsonTypes = { double: "number", bigint: "number", text: "string", boolean: "boolean" } as const;

function fits(type: Exclude<FieldType, "json">, text: string, value: string): string {
  const isType = `jsonb_typeof(${value}) = '${jsonTypes[type]}'`;
  return type === "bigint" ? `${isType} and (${text}) ~ '^-?[0-9]{1,18}([.]0+)?$'` : isType;
}

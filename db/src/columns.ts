/** What SQL says of the tables' columns, read from `schema.ts`: nobody else lists them. */
import { type Column, getTableColumns, getTableName } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

/** A column as SQL has it. */
export interface SqlColumn {
  name: string;
  /** As in `timestamp with time zone`. */
  type: string;
}

/** Columns of a table, in this order: all of them, in the table's, when no keys are given. */
export function columnsOf<T extends PgTable>(
  table: T,
  keys?: readonly (string & keyof T["_"]["columns"])[],
): readonly SqlColumn[] {
  const columns: Record<string, Column> = getTableColumns(table);
  return (keys ?? Object.keys(columns)).map((key) => {
    const column = columns[key];
    if (column === undefined) throw new Error(`expected a column of ${getTableName(table)} in schema.ts; got ${key}`);
    return { name: column.name, type: column.getSQLType() };
  });
}

/** How rows come into a table by COPY: with every column, in the table's order, but the `id` that the database gives. */
export function copyInto(table: PgTable): { sql: string; columns: number } {
  const names = Object.values<Column>(getTableColumns(table))
    .filter((column) => column.generatedIdentity === undefined)
    .map((column) => column.name);
  return { sql: `copy ${getTableName(table)} (${names.join(", ")}) from stdin (format binary)`, columns: names.length };
}

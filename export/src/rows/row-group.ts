/** Rows turned into columns: as many as a row group of a Parquet file has. */

import type { CopyReader } from "@physical-ai/db";
import type { ColumnSource, SchemaElement } from "hyparquet-writer";
import type { FieldType, TableColumn } from "./columns.ts";

type ColumnType = TableColumn["type"] | FieldType;
type Cell = string | number | bigint | boolean | undefined;

/** What a column is called and holds. */
export interface NamedColumn {
  name: string;
  type: ColumnType;
}

/** Collects rows until there are enough; the next group uses its memory again. */
export interface RowGroup {
  readonly rows: number;
  /** Takes the row that the reader is at; true when the group is full. */
  take(reader: CopyReader): boolean;
  /** The columns, to be written before the next row is taken. */
  columns(): ColumnSource[];
  clear(): void;
}

/** What a group holds is in memory at once. */
const usualCells = 100_000;
const mostBytes = 16 * 1_048_576;
/** The file ends with a kilobyte about each column of each group, which is in memory until then. */
const leastRows = 1_000;
const manyGroups = 1_000;

/** @param fileRows how many rows the whole file has: of very many, more make a group */
export function createRowGroup(columns: readonly NamedColumn[], fileRows: number): RowGroup {
  const capacity = Math.max(leastRows, Math.floor(usualCells / columns.length), Math.ceil(fileRows / manyGroups));
  const cells = columns.map(({ name, type }) => ({ name, data: [] as Cell[], read: encodings[type].read }));
  let rows = 0;
  let bytes = 0;
  return {
    get rows() {
      return rows;
    },
    take(reader) {
      const begin = reader.offset;
      for (const { data, read } of cells) data[rows] = read(reader);
      rows++;
      bytes += reader.offset - begin;
      return rows === capacity || bytes >= mostBytes;
    },
    columns() {
      for (const { data } of cells) data.length = rows;
      return cells;
    },
    clear() {
      rows = 0;
      bytes = 0;
    },
  };
}

/** Every column may be empty in a row. */
export function schemaOf(columns: readonly NamedColumn[]): SchemaElement[] {
  return [
    { name: "root", num_children: columns.length },
    ...columns.map(({ name, type }) => ({ name, repetition_type: "OPTIONAL" as const, ...encodings[type].element })),
  ];
}

interface Encoding {
  element: Partial<SchemaElement>;
  read: (row: CopyReader) => Cell;
}

const utf8: Encoding = { element: { type: "BYTE_ARRAY", converted_type: "UTF8" }, read: (row) => row.text() };

const encodings: Record<ColumnType, Encoding> = {
  bigint: { element: { type: "INT64" }, read: (row) => row.bigint() },
  text: utf8,
  json: utf8,
  real: { element: { type: "FLOAT" }, read: (row) => row.real() },
  double: { element: { type: "DOUBLE" }, read: (row) => row.double() },
  boolean: { element: { type: "BOOLEAN" }, read: (row) => row.boolean() },
  timestamp: { element: { type: "INT64", converted_type: "TIMESTAMP_MICROS" }, read: (row) => row.epochMicroseconds() },
};

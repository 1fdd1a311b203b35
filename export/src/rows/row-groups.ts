/** Rows of the database as the row groups of a Parquet file. */
import type { CopyReader } from "@physical-ai/db";
import type { ColumnSource } from "hyparquet-writer";
import { ParquetBytes, type ParquetType } from "../parquet.ts";
import type { FieldType, TableColumn } from "./columns.ts";

type ColumnType = TableColumn["type"] | FieldType;
type Cell = string | number | bigint | boolean | undefined;

/** What a column is called and holds. */
export interface NamedColumn {
  name: string;
  type: ColumnType;
}

/**
 * Encodes rows as they come; the file is whole when the iteration is.
 *
 * @param fileRows how many will come
 * @param onRows told how many rows each row group has
 */
export async function* encodeRows(
  columns: readonly NamedColumn[],
  rows: AsyncIterable<CopyReader>,
  fileRows: number,
  onRows: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const parquet = new ParquetBytes(columns.map(({ name, type }) => ({ name, type: encodings[type].type })));
  const group = new RowGroup(columns, fileRows);
  const encodeGroup = () => {
    const bytes = parquet.encode(group.columns(), group.rows);
    onRows(group.rows);
    group.clear();
    return bytes;
  };
  for await (const reader of rows) {
    while (reader.next()) if (group.take(reader)) yield encodeGroup();
  }
  if (group.rows > 0) yield encodeGroup();
  yield parquet.finish();
}

/** What a group holds is in memory at once. */
const usualCells = 100_000;
const mostBytes = 16 * 1_048_576;
/** The file ends with a kilobyte about each column of each group, which is in memory until then. */
const leastRows = 1_000;
const manyGroups = 1_000;

/** Collects rows until there are enough; the next group uses its memory again. */
class RowGroup {
  readonly #capacity: number;
  readonly #cells: { name: string; data: Cell[]; read: (row: CopyReader) => Cell }[];
  #rows = 0;
  #bytes = 0;

  /** @param fileRows how many rows the whole file has: of very many, more make a group */
  constructor(columns: readonly NamedColumn[], fileRows: number) {
    this.#capacity = Math.max(leastRows, Math.floor(usualCells / columns.length), Math.ceil(fileRows / manyGroups));
    this.#cells = columns.map(({ name, type }) => ({ name, data: [], read: encodings[type].read }));
  }

  get rows(): number {
    return this.#rows;
  }

  /** Takes the row that the reader is at; true when the group is full. */
  take(reader: CopyReader): boolean {
    const begin = reader.offset;
    for (const { data, read } of this.#cells) data[this.#rows] = read(reader);
    this.#rows++;
    this.#bytes += reader.offset - begin;
    return this.#rows === this.#capacity || this.#bytes >= mostBytes;
  }

  /** The columns, to be written before the next row is taken. */
  columns(): ColumnSource[] {
    for (const { data } of this.#cells) data.length = this.#rows;
    return this.#cells;
  }

  clear(): void {
    this.#rows = 0;
    this.#bytes = 0;
  }
}

/** How a column is read from the database's binary form, and what it is in Parquet. */
interface Encoding {
  type: ParquetType;
  read: (row: CopyReader) => Cell;
}

const text: Encoding = { type: "string", read: (row) => row.text() };

const encodings: Record<ColumnType, Encoding> = {
  bigint: { type: "int64", read: (row) => row.bigint() },
  text,
  json: text,
  real: { type: "float32", read: (row) => row.real() },
  double: { type: "float64", read: (row) => row.double() },
  boolean: { type: "boolean", read: (row) => row.boolean() },
  timestamp: { type: "timestamp", read: (row) => row.epochMicroseconds() },
};

/** Rows as a Parquet file, row group by row group. */
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import type { CopyReader } from "../copy-reader.ts";
import type { FieldType, TableColumn } from "./columns.ts";

type ColumnType = TableColumn["type"] | FieldType;
type Cell = string | number | bigint | boolean | undefined;

/** What a column is called and holds. */
export interface NamedColumn {
  name: string;
  type: ColumnType;
}

/** How large a row group is: it is what memory holds. */
const groupCells = 200_000;
const leastRows = 1_000;
const mostRows = 50_000;

/**
 * Encodes rows as they come; the file is whole when the iteration is.
 *
 * @param onRows told how many rows each row group has
 */
export async function* encodeParquet(
  columns: readonly NamedColumn[],
  rows: AsyncIterable<CopyReader>,
  onRows: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(columns) });
  const groupRows = Math.max(leastRows, Math.min(mostRows, Math.floor(groupCells / columns.length)));
  const cells = columns.map(({ type }) => encodings[type].read);
  let group = createGroup(columns);
  for await (const reader of rows) {
    while (reader.next()) {
      for (let index = 0; index < cells.length; index++) group[index]?.data.push(cells[index]?.(reader));
      const count = group[0]?.data.length ?? 0;
      if (count < groupRows) continue;
      file.write({ columnData: group, rowGroupSize: groupRows });
      onRows(count);
      group = createGroup(columns);
      yield take(bytes);
    }
  }
  const left = group[0]?.data.length ?? 0;
  if (left > 0) file.write({ columnData: group, rowGroupSize: groupRows });
  onRows(left);
  file.finish();
  yield take(bytes);
}

const createGroup = (columns: readonly NamedColumn[]) => columns.map(({ name }) => ({ name, data: [] as Cell[] }));

/** What was written since the last time. */
function take(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function schemaOf(columns: readonly NamedColumn[]): SchemaElement[] {
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

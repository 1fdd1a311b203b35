/** Rows as a Parquet file, row group by row group. */

import type { CopyReader } from "@physical-ai/db";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { parquetCompressors } from "./parquet-compressors.ts";
import { createRowGroup, type NamedColumn, schemaOf } from "./row-group.ts";

/**
 * Encodes rows as they come; the file is whole when the iteration is.
 *
 * @param fileRows how many will come
 * @param onRows told how many rows each row group has
 */
export async function* encodeParquet(
  columns: readonly NamedColumn[],
  rows: AsyncIterable<CopyReader>,
  fileRows: number,
  onRows: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), compressors: parquetCompressors });
  const group = createRowGroup(columns, fileRows);
  const writeGroup = () => {
    file.write({ columnData: group.columns(), rowGroupSize: group.rows });
    onRows(group.rows);
    group.clear();
    return take(bytes);
  };
  for await (const reader of rows) {
    while (reader.next()) if (group.take(reader)) yield writeGroup();
  }
  if (group.rows > 0) yield writeGroup();
  file.finish();
  yield take(bytes);
}

/** What was written since the last time. */
function take(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

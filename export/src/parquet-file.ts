/** A parquet file of scalar and list columns, written one row group after the other. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { syncFile } from "@physical-ai/service/whole-file";
import { fileWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { parquetCompressors } from "./rows/parquet-compressors.ts";

/** A column: numbers or text, in as many lists as it says. */
export interface Column {
  readonly name: string;
  readonly type: "int64" | "float32" | "float64" | "string";
  /** 0 for a scalar. */
  readonly lists: number;
}

/** Values by column, all of the same length. An int64 is a bigint. */
export type Columns = Readonly<Record<string, unknown[] | Float32Array | BigInt64Array>>;

/** A file under way. Without `finish` it has no footer, and no reader takes it. */
export interface ParquetFile {
  /** Written so far. */
  readonly bytes: number;
  /** Writes one row group. */
  write(columns: Columns): void;
  /** The file is on disk when it returns. */
  finish(): void;
}

/** Makes the file, and its folder where that is missing. */
export function createParquetFile(
  path: string,
  columns: readonly Column[],
  metadata: Readonly<Record<string, string>> = {},
): ParquetFile {
  mkdirSync(dirname(path), { recursive: true });
  const writer = fileWriter(path);
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: "schema", num_children: columns.length }, ...columns.flatMap(elementsOf)],
    codec: "SNAPPY",
    compressors: parquetCompressors,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return {
    get bytes() {
      return writer.offset;
    },
    write(values) {
      const columnData = columns.map(({ name }) => {
        const data = values[name];
        if (data === undefined) throw new Error(`no values for the column ${name}`);
        // Page indexes are for row groups of many pages; of thousands of small ones they would only fill memory.
        return { name, data, offsetIndex: false };
      });
      const rows = columnData[0]?.data.length ?? 0;
      parquet.write({ columnData, rowGroupSize: rows });
    },
    finish() {
      parquet.finish();
      syncFile(path);
    },
  };
}

/** The three-level form of lists that every reader knows. */
function elementsOf({ name, type, lists }: Column): SchemaElement[] {
  if (lists === 0) return [{ name, repetition_type: "OPTIONAL", ...leafTypes[type] }];
  const inner = elementsOf({ name: "element", type, lists: lists - 1 });
  return [
    { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...inner,
  ];
}

const leafTypes = {
  int64: { type: "INT64" },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
} as const;

/** Parquet: the schema of columns, and a file written one row group after the other. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { syncFile } from "@physical-ai/service/whole-file";
import {
  ByteWriter,
  type ColumnSource,
  fileWriter,
  ParquetWriter,
  type SchemaElement,
  type Writer,
} from "hyparquet-writer";
import { compressSync } from "snappy";

/** What a column holds. An int64 is a bigint; a timestamp is microseconds since 1970, as a bigint. */
export type ParquetType = "int64" | "float32" | "float64" | "string" | "boolean" | "timestamp";

/** A column; every cell may be empty. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ParquetType;
  /** In how many lists the values lie; 0, for scalars, when missing. */
  readonly lists?: number;
}

/** Values by column, all of the same length. */
export type ParquetValues = Readonly<Record<string, unknown[] | Float32Array | BigInt64Array>>;

const leafTypes: Readonly<Record<ParquetType, Partial<SchemaElement>>> = {
  int64: { type: "INT64" },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  boolean: { type: "BOOLEAN" },
  timestamp: { type: "INT64", converted_type: "TIMESTAMP_MICROS" },
};

/** The three-level form of lists that every reader knows. */
function elementsOf({ name, type, lists = 0 }: ParquetColumn): SchemaElement[] {
  if (lists === 0) return [{ name, repetition_type: "OPTIONAL", ...leafTypes[type] }];
  return [
    { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...elementsOf({ name: "element", type, lists: lists - 1 }),
  ];
}

/**
 * Compression by native code, which leaves no garbage behind. The compressed bytes lie in memory that V8 counts, and so
 * gives back in time.
 */
const compressors = { SNAPPY: (bytes: Uint8Array): Uint8Array => compressSync(bytes, { copyOutputData: true }) };

function openWriter(
  writer: Writer,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>> = {},
) {
  return new ParquetWriter({
    writer,
    schema: [{ name: "schema", num_children: columns.length }, ...columns.flatMap(elementsOf)],
    codec: "SNAPPY",
    compressors,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

/** A file under way. Without `finish` it has no footer, and no reader takes it. */
export class ParquetFile {
  readonly #path: string;
  readonly #columns: readonly ParquetColumn[];
  readonly #file: ReturnType<typeof fileWriter>;
  readonly #parquet: ParquetWriter;

  /** Makes the folder where that is missing. */
  constructor(path: string, columns: readonly ParquetColumn[], metadata?: Readonly<Record<string, string>>) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#columns = columns;
    this.#file = fileWriter(path);
    this.#parquet = openWriter(this.#file, columns, metadata);
  }

  /** Written so far. */
  get bytes(): number {
    return this.#file.offset;
  }

  /** Writes one row group. */
  write(values: ParquetValues): void {
    const columnData = this.#columns.map(({ name }) => {
      const data = values[name];
      if (data === undefined) throw new Error(`no values for the column ${name}`);
      // Page indexes are for row groups of many pages; of thousands of small ones they would only fill memory.
      return { name, data, offsetIndex: false };
    });
    this.#parquet.write({ columnData, rowGroupSize: columnData[0]?.data.length ?? 0 });
  }

  /** The file is on disk when it returns. */
  finish(): void {
    this.#parquet.finish();
    syncFile(this.#path);
  }
}

/** The bytes of a file that somebody else writes. */
export class ParquetBytes {
  readonly #bytes = new ByteWriter();
  readonly #parquet: ParquetWriter;

  constructor(columns: readonly ParquetColumn[]) {
    this.#parquet = openWriter(this.#bytes, columns);
  }

  /** The bytes of one row group. */
  encode(columnData: ColumnSource[], rows: number): Uint8Array {
    this.#parquet.write({ columnData, rowGroupSize: rows });
    return this.#take();
  }

  /** The footer's. */
  finish(): Uint8Array {
    this.#parquet.finish();
    return this.#take();
  }

  /** What was written since the last time. */
  #take(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}

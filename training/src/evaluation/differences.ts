/** The rows that differ most, as a file. */
import { type TableColumn, type TableRow, writeTable } from "@physical-ai/export";
import type { Difference } from "./judge.ts";

const columns: readonly TableColumn[] = [
  { name: "robot_id", type: "string" },
  { name: "data_type", type: "string" },
  { name: "created_at", type: "string" },
  { name: "telemetry_id", type: "int64" },
  { name: "stream_id", type: "string" },
  { name: "seq", type: "int64" },
  { name: "label", type: "string" },
  { name: "predicted", type: "string" },
  { name: "predicted_then", type: "string" },
  { name: "model_version_then", type: "string" },
  { name: "difference", type: "float64" },
  { name: "numbers", type: "string" },
  { name: "numbers_then", type: "string" },
];

/** Writes them as CSV or Parquet, the greatest difference first. */
export async function writeDifferences(path: string, differences: readonly Difference[]): Promise<void> {
  await writeTable(path, columns, one(differences.map(rowOf)));
}

function rowOf({ row, label, meaning, then, difference }: Difference): TableRow {
  return [
    row.robotId,
    row.dataType,
    new Date(row.createdAtMs).toISOString(),
    BigInt(row.id),
    row.streamId,
    row.seq === undefined ? undefined : BigInt(row.seq),
    label,
    meaning.label,
    then?.label,
    then?.modelVersion,
    difference,
    JSON.stringify(meaning.scores ?? meaning.values),
    then?.numbersJson,
  ];
}

async function* one<T>(thing: T): AsyncGenerator<T> {
  yield thing;
}

/** The formats of recordings: which one a file has, and who reads it. Add a format here. */
import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { RobotIdentity } from "../source.ts";
import { type ColumnMapping, readCsv } from "./csv.ts";
import { isLabel, readGraspFailures } from "./grasp-failures.ts";
import { readNdjson } from "./ndjson.ts";
import type { RecordedPackets } from "./recording.ts";

/** `wall-following` is a CSV file with known columns; `grasp-failures` the text format of that data set. */
export const formats = ["wall-following", "grasp-failures", "csv", "ndjson"] as const;
export type Format = (typeof formats)[number];

/** S1 … S24, the recorded action, nine rows a second. */
const wallFollowingColumns = {
  type: "ultrasound",
  vectors: [{ name: "ranges", columns: Array.from({ length: 24 }, (_, index) => `S${index + 1}`) }],
  label: "OUTPUT",
  hz: 9,
} as const satisfies ColumnMapping;

/**
 * Recognises a file by its first line and its name.
 *
 * @throws Error when the format is none of those known
 */
export async function recognizeFormat(file: string): Promise<Format> {
  const header = await firstLine(file);
  if (header === [...wallFollowingColumns.vectors[0].columns, wallFollowingColumns.label].join(","))
    return "wall-following";
  const extension = extname(file).toLowerCase();
  if (extension === ".csv") return "csv";
  if ([".ndjson", ".jsonl"].includes(extension)) return "ndjson";
  if (isLabel([header])) return "grasp-failures";
  throw new Error(`${file}: the format is not recognised; say it with --format ${formats.join("|")}`);
}

interface ReadOptions {
  /** For error messages. */
  file: string;
  /** How the columns of a CSV file become packets; needed for the format `csv`. */
  columns: ColumnMapping | undefined;
  /** Of recordings that do not name their robot. */
  robot: RobotIdentity;
}

/** @throws Error when the format needs a description of its columns and there is none */
export function readRecording(input: Readable, format: Format, { file, columns, robot }: ReadOptions): RecordedPackets {
  if (format === "ndjson") return readNdjson(input, file);
  if (format === "grasp-failures") return readGraspFailures(input, file, robot);
  const mapping = columns ?? (format === "wall-following" ? wallFollowingColumns : undefined);
  if (mapping === undefined) throw new Error(`${file}: say what its columns are, with --type and --value or --vector`);
  return readCsv(input, file, mapping, robot);
}

async function firstLine(file: string): Promise<string> {
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input })) return line.trim();
    return "";
  } finally {
    input.destroy();
  }
}

/** The formats of recordings, and which one a file has. */
import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import type { ColumnMapping } from "./columns.ts";
import { isLabel } from "./grasp-failures.ts";

/** `wall-following` is a CSV file with known columns; `grasp-failures` the text format of that data set. */
export const formats = ["wall-following", "grasp-failures", "csv", "ndjson"] as const;
export type Format = (typeof formats)[number];

/** S1 … S24, the recorded action, nine rows a second. */
export const wallFollowingColumns = {
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

async function firstLine(file: string): Promise<string> {
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input })) return line.trim();
    return "";
  } finally {
    input.destroy();
  }
}

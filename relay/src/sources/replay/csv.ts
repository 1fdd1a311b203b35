/** Recordings in CSV: a header row, then one packet a row at a fixed rate. */
import type { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { RobotIdentity } from "../source.ts";
import { type RecordedPacket, RecordingError } from "./recording.ts";

/** A named vector of columns: `ranges=S1..S24`. */
export interface VectorColumns {
  name: string;
  columns: readonly string[];
}

/** How the rows of a CSV file become packets. */
export interface ColumnMapping {
  /** The packets' data type. */
  type: string;
  /** One column is the whole `val`, a number. Without this and without vectors `val` holds every column by its name. */
  value?: string | undefined;
  /** `val` holds each vector by its name. */
  vectors?: readonly VectorColumns[] | undefined;
  /** Beside vectors: the column that goes to `val.label` as text. */
  label?: string | undefined;
  /** Rows a second. */
  hz: number;
}

type Row = Record<string, string>;

export async function* readCsv(
  input: Readable,
  file: string,
  mapping: ColumnMapping,
  robot: RobotIdentity,
): AsyncGenerator<RecordedPacket> {
  const rows = parse({ columns: true, info: true, bom: true, trim: true, skip_empty_lines: true });
  input.on("error", (error) => rows.destroy(error)).pipe(rows);
  let index = 0;
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: Row; info: { lines: number } }>) {
      const fail = (problem: string) => new RecordingError(file, info.lines, problem);
      const packet = { robot_id: robot.robotId, robot_type: robot.robotType, type: mapping.type };
      yield { packet: { ...packet, val: readValue(record, mapping, fail) }, offsetMs: (index * 1_000) / mapping.hz };
      index += 1;
    }
  } catch (error) {
    if (error instanceof CsvError) throw new RecordingError(file, Number(error["lines"] ?? 0), error.message);
    throw error;
  }
}

type Fail = (problem: string) => RecordingError;

function readValue(row: Row, mapping: ColumnMapping, fail: Fail): unknown {
  if (mapping.value !== undefined) return numberIn(row, mapping.value, fail);
  if (!mapping.vectors?.length) return everyColumn(row);
  const vectors = mapping.vectors.map(({ name, columns }) => [
    name,
    columns.map((column) => numberIn(row, column, fail)),
  ]);
  const label = mapping.label === undefined ? {} : { label: textIn(row, mapping.label, fail) };
  return { ...Object.fromEntries(vectors), ...label };
}

function everyColumn(row: Row): Record<string, number | string> {
  const numeric = (text: string) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
  return Object.fromEntries(Object.entries(row).map(([column, text]) => [column, numeric(text)]));
}

function textIn(row: Row, column: string, fail: Fail): string {
  const text = row[column];
  if (text === undefined) throw fail(`there is no column ${column}; the header has ${Object.keys(row).join(", ")}`);
  return text;
}

function numberIn(row: Row, column: string, fail: Fail): number {
  const text = textIn(row, column, fail);
  const number = Number(text);
  if (text === "" || !Number.isFinite(number))
    throw fail(`column ${column} must be a number; got ${JSON.stringify(text)}`);
  return number;
}

/**
 * Reads `name=columns`, where columns are separated by commas and `S1..S24` means S1, S2 … S24.
 *
 * @throws Error that says what was expected
 */
export function parseVectorColumns(text: string): VectorColumns {
  const [name, list, ...rest] = text.split("=");
  if (!name || !list || rest.length > 0) throw new Error(`expected name=columns, as in ranges=S1..S24; got ${text}`);
  return { name, columns: list.split(",").flatMap(expandRange) };
}

function expandRange(part: string): string[] {
  const range = /^(?<prefix>.*?)(?<first>\d+)\.\.(?<again>.*?)(?<last>\d+)$/.exec(part)?.groups;
  if (range === undefined) return [part];
  const { prefix = "", again = "" } = range;
  const [first, last] = [Number(range["first"]), Number(range["last"])];
  if ((again !== "" && again !== prefix) || last < first) {
    throw new Error(`expected columns from a lower to a higher number, as in S1..S24; got ${part}`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`);
}

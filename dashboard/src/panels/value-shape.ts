/** What a reading's value looks like, which decides how it is drawn. */
import { formatBrief, isRecord } from "../format.ts";

/** One named part of a value. */
export interface Row {
  readonly name: string;
  readonly value: number | string;
  /** Numbers of one group are drawn on one scale. */
  readonly group: string;
}

export type ValueShape =
  | { kind: "scalar"; value: number }
  /** A few names with a number or a short text each. */
  | { kind: "rows"; rows: readonly Row[] }
  /** Many numbers of one vector: columns side by side. */
  | { kind: "strip"; numbers: readonly number[] }
  | { kind: "text"; text: string };

const maxRows = 12;
const longestRowVector = 8;
const longestInnerVector = 4;
const longestStrip = 128;

/** Finds the shape of any value. An object around nothing but one vector counts as that vector. */
export function shapeOf(value: unknown): ValueShape {
  if (isNumber(value)) return { kind: "scalar", value };
  if (isVector(value)) return shapeOfVector(value);
  if (!isRecord(value) || isBytes(value)) return { kind: "text", text: formatBrief(value, 300) };
  const fields = Object.entries(value);
  const [first] = fields;
  if (fields.length === 1 && first !== undefined && isVector(first[1])) return shapeOfVector(first[1]);
  if (first === undefined) return { kind: "text", text: "" };
  return { kind: "rows", rows: fields.flatMap(([name, field]) => rowsOf(name, field)).slice(0, maxRows) };
}

function shapeOfVector(vector: readonly number[]): ValueShape {
  if (vector.length > longestRowVector) return { kind: "strip", numbers: vector.slice(0, longestStrip) };
  return { kind: "rows", rows: vector.map((value, index) => ({ name: String(index + 1), value, group: "" })) };
}

/** A short vector inside an object has a row for each of its numbers. */
function rowsOf(name: string, field: unknown): Row[] {
  if (isNumber(field)) return [{ name, value: field, group: name }];
  if (isVector(field) && field.length <= longestInnerVector) {
    return field.map((value, index) => ({ name: `${name} ${index + 1}`, value, group: name }));
  }
  return [{ name, value: formatBrief(field, 60), group: name }];
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every(isNumber);
}

function isBytes(value: unknown): boolean {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

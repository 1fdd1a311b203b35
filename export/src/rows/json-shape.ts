/**
 * The shape of a JSON document (its keys and the kinds of its values, without the values), and its fields.
 *
 * Rows by the million have a handful of shapes. Telling them apart takes one pass over the bytes; only the first row of
 * each has to be parsed.
 */
import { Buffer } from "node:buffer";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const point = 0x2e;
const minus = 0x2d;
const zero = 0x30;
const closingBracket = 0x5d;
const closingBrace = 0x7d;
const letterF = 0x66;
const letterN = 0x6e;
const letterT = 0x74;
const space = 0x20;
/** Kinds of values: control characters, which JSON text never holds. */
const marks = { string: 1, number: 2, integer: 3, true: 4, null: 5 };

/** Reads shapes out of JSON as PostgreSQL writes it. Keeps its memory from one to the next. */
export class ShapeReader {
  #shape = Buffer.allocUnsafe(1024);
  readonly #integersApart: boolean;

  /** @param integersApart whether whole numbers are a kind of their own: there may be many shapes then */
  constructor(integersApart: boolean) {
    this.#integersApart = integersApart;
  }

  /** Equal for documents with the same keys in the same places and the same kinds of values, and only for those. */
  shapeOf(json: Buffer, begin: number): string {
    if (this.#shape.length < json.length) this.#shape = Buffer.allocUnsafe(json.length * 2);
    const shape = this.#shape;
    let length = 0;
    for (let at = begin; at < json.length; ) {
      const byte = json[at];
      if (byte === quote) {
        const end = endOfString(json, at);
        if (json[end] !== colon) shape[length++] = marks.string;
        else length += json.copy(shape, length, at, end);
        at = end;
      } else if (byte === space || byte === comma || byte === colon) at++;
      else if (byte === letterT || byte === letterF || byte === letterN) {
        shape[length++] = byte === letterN ? marks.null : marks.true;
        at += byte === letterF ? 5 : 4;
      } else if (byte !== undefined && byte > colon) {
        shape[length++] = byte;
        at++;
      } else {
        const end = endOfNumber(json, at);
        shape[length++] = this.#integersApart && isWhole(json, at, end) ? marks.integer : marks.number;
        at = end;
      }
    }
    return shape.toString("latin1", 0, length);
  }
}

function endOfString(json: Buffer, quoteAt: number): number {
  let end = quoteAt + 1;
  while (json[end] !== quote) end += json[end] === backslash ? 2 : 1;
  return end + 1;
}

function endOfNumber(json: Buffer, begin: number): number {
  let end = begin + 1;
  while (end < json.length) {
    const byte = json[end];
    if (byte === comma || byte === closingBracket || byte === closingBrace) break;
    end++;
  }
  return end;
}

/** Of a number that surely is a bigint. */
const mostDigits = 18;

/** Whether it is a bigint; 2.0 is. */
function isWhole(json: Buffer, begin: number, end: number): boolean {
  let whole = end;
  for (let at = end - 1; at >= begin; at--) if (json[at] === point) whole = at;
  for (let at = whole + 1; at < end; at++) if (json[at] !== zero) return false;
  return whole - (json[begin] === minus ? begin + 1 : begin) <= mostDigits;
}

/** What a field holds. `branch` is an object or an array that is not looked into: it is empty, or wanted as a whole. */
export type Kind = "number" | "integer" | "string" | "boolean" | "null" | "branch";

export interface Leaf {
  path: readonly string[];
  kind: Kind;
}

/** How fields are told apart. */
export interface LeafOptions {
  /** Whether whole numbers are a kind of their own. */
  integersApart: boolean;
  /** Whether what lies at a path is wanted as a whole. */
  isWhole: (path: readonly string[]) => boolean;
}

/** Lists the fields, however deep: everything that is no object and no array. */
export function leavesOf(value: unknown, options: LeafOptions, path: readonly string[] = []): Leaf[] {
  if (typeof value !== "object" || value === null) return [{ path, kind: kindOf(value, options.integersApart) }];
  const entries = Object.entries(value);
  if (entries.length === 0 || options.isWhole(path)) return [{ path, kind: "branch" }];
  return entries.flatMap(([key, item]) => leavesOf(item, options, [...path, key]));
}

/** Beyond it a number may be no bigint. */
const mostInteger = 1e18;

function kindOf(value: unknown, integersApart: boolean): Kind {
  if (value === null) return "null";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  const isInteger = Number.isInteger(value) && Math.abs(Number(value)) < mostInteger;
  return integersApart && isInteger ? "integer" : "number";
}

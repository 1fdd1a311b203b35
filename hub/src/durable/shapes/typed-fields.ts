/**
 * What a payload looks like, whatever its numbers are.
 *
 * Terms: a *typed field* is a field with its type, as in `value.acc: number[3]`: paths as in the columns of exports, `[]`
 * for the items of a list. A field that is null, or an empty list or object, says nothing, and counts as missing.
 */
import { encodingOf } from "../../storable.ts";

/** What keeps a look short whatever comes: of the rest nothing is known. */
const limits = { fields: 200, depth: 8, keys: 64, items: 16, pathLength: 200 };

/** A field's path and type. */
export interface TypedField {
  path: string;
  type: string;
}

/** Finds the typed fields of a packet's `val`. */
export function typedFieldsOf(val: unknown): Set<string> {
  const found = new Set<string>();
  visit(val, "value", 1, found);
  return found;
}

/** As a typed field is written. */
export const written = ({ path, type }: TypedField): string => `${path}: ${type}`;

/** Reads what `written` wrote: no type contains a colon. */
export function parseTypedField(field: string): TypedField {
  const colon = field.lastIndexOf(": ");
  return { path: field.slice(0, colon), type: field.slice(colon + 2) };
}

function visit(value: unknown, path: string, depth: number, found: Set<string>): void {
  if (value === null || value === undefined || found.size >= limits.fields || path.length > limits.pathLength) return;
  if (value instanceof Uint8Array) found.add(written({ path, type: `blob ${encodingOf(value)}` }));
  else if (Array.isArray(value)) visitList(value, path, depth, found);
  else if (typeof value === "object") visitObject(value, path, depth, found);
  else found.add(written({ path, type: typeof value }));
}

/** An object with very many names, or very deep down, is taken for a dictionary: its names are no fields. */
function visitObject(value: object, path: string, depth: number, found: Set<string>): void {
  const keys = Object.keys(value);
  if (keys.length > limits.keys || depth > limits.depth) {
    found.add(written({ path, type: "object" }));
    return;
  }
  for (const key of keys) visit(Reflect.get(value, key), `${path}.${escaped(key)}`, depth + 1, found);
}

/** A dot within a name is none between two. */
const escaped = (key: string) => key.replace(/[\\.]/g, "\\$&");

/** Of a list of plain values the length counts, too: a model takes 24 ranges, and not 23. */
function visitList(list: readonly unknown[], path: string, depth: number, found: Set<string>): void {
  const items = list.slice(0, limits.items).filter((item) => item !== null);
  if (items.some((item) => typeof item === "object")) {
    if (depth > limits.depth) found.add(written({ path, type: "list" }));
    else for (const item of items) visit(item, `${path}[]`, depth + 1, found);
    return;
  }
  const types = new Set(items.map((item) => typeof item));
  const [type] = types;
  if (type !== undefined) found.add(written({ path, type: `${types.size === 1 ? type : "mixed"}[${list.length}]` }));
}

/** The fields of a JSON document. */

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

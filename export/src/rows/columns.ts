/** The columns of an export: those of the table, and those that the fields of its JSON become or a schema file asks for. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";

/** What a field's column holds. `json` keeps a whole branch as JSON text. */
const fieldTypes = ["double", "bigint", "text", "boolean", "json"] as const;
export type FieldType = (typeof fieldTypes)[number];

/** A column that the table has. */
export interface TableColumn {
  name: string;
  type: "bigint" | "text" | "real" | "timestamp";
  /** The expression that gives it. */
  sql: string;
}

/** A JSONB column whose fields become columns. */
export interface JsonSource {
  /** What the names of its columns begin with; empty where its own keys are names enough. */
  prefix: string;
  sql: string;
}

/** A column made of one field of a JSONB column. */
export interface FieldColumn {
  name: string;
  type: FieldType;
  source: JsonSource;
  /** Keys and indices from the JSON's root. */
  path: readonly string[];
  /** Some rows hold something else there: it has to be looked at before it is read. */
  guarded: boolean;
}

/** `value.acc.0`; a dot within a key is written `\.`. */
export function nameOf(source: JsonSource, path: readonly string[]): string {
  const keys = path.map((key) => key.replaceAll("\\", "\\\\").replaceAll(".", "\\."));
  return [...(source.prefix === "" ? [] : [source.prefix]), ...keys].join(".");
}

/** The keys of a column's name: the reverse of `nameOf`, the prefix among them. */
export function keysOf(name: string): string[] {
  const keys = [""];
  for (const [character] of name.matchAll(/\\.|./gs)) {
    if (character === ".") keys.push("");
    else keys.push(`${keys.pop()}${character.at(-1)}`);
  }
  return keys;
}

/** The order of columns: that of their names, key by key, indices first. Which row came first says nothing. */
export function byPath(a: { path: readonly string[] }, b: { path: readonly string[] }): number {
  const place = a.path.findIndex((key, index) => key !== b.path[index]);
  const [first, second] = [a.path[place], b.path[place]];
  if (first === undefined || second === undefined) return a.path.length - b.path.length;
  return indexOf(first) - indexOf(second) || (first < second ? -1 : 1);
}

/** What is no index comes after all that are. */
const indexOf = (key: string) => (/^\d+$/.test(key) ? Number(key) : Number.MAX_VALUE);

/** A schema file: `{"columns": {"value.acc.0": "double", "value.points": "json"}}` */
const ColumnSchema = Type.Object({
  columns: Type.Record(Type.String(), Type.Enum(fieldTypes)),
});
export type ColumnSchema = Type.Static<typeof ColumnSchema>;

/** Checks what a schema file holds. */
export const validateColumnSchema = compileValidator("the schema of the columns", ColumnSchema);

/**
 * The columns that a schema file asks for.
 *
 * @throws when a column belongs to none of the sources
 */
export function wantedColumns(schema: ColumnSchema, sources: readonly JsonSource[]): FieldColumn[] {
  return Object.entries(schema.columns).map(([name, type]) => {
    const keys = keysOf(name);
    const source = sources.find(({ prefix }) => prefix === keys[0]) ?? sources.find(({ prefix }) => prefix === "");
    if (source === undefined) {
      const expected = sources.map(({ prefix }) => `${prefix}.…`).join(" or ");
      throw new Error(`the schema of the columns: expected names like ${expected}; got ${name}`);
    }
    return { name, type, source, path: source.prefix === "" ? keys : keys.slice(1), guarded: false };
  });
}

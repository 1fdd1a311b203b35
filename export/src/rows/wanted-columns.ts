/** The columns that a schema file asks for. */
import type { ColumnSchema } from "./column-schema.ts";
import { type FieldColumn, type JsonSource, keysOf } from "./columns.ts";

/** @throws when a column belongs to none of the sources */
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

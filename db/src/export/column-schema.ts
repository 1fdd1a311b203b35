/** The columns of an export as a file says them. */
import { compileValidator, type Validation } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { type FieldColumn, fieldTypes, type JsonSource, keysOf } from "./columns.ts";

/** `{"columns": {"value.acc.0": "double", "value.points": "json"}}` */
export const ColumnSchema = Type.Object({
  columns: Type.Record(Type.String(), Type.Enum(fieldTypes)),
});
export type ColumnSchema = Type.Static<typeof ColumnSchema>;

/** Checks what a schema file holds. */
export const validateColumnSchema: (value: unknown) => Validation<ColumnSchema> = compileValidator(
  "the schema of the columns",
  ColumnSchema,
);

/** @throws when a column belongs to none of the sources */
export function columnsOfSchema(schema: ColumnSchema, sources: readonly JsonSource[]): FieldColumn[] {
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

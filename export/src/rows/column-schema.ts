/** The columns of an export as a file says them. */
import { compileValidator, type Validation } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { fieldTypes } from "./columns.ts";

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

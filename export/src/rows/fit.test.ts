import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { keysOf, nameOf, wantedColumns } from "./columns.ts";
import { FieldScan, type Sighting } from "./field-scan.ts";
import { fitColumns, inferColumns } from "./fit.ts";

const source = { prefix: "", sql: "payload" };

function seen(values: readonly unknown[], columns?: ConstructorParameters<typeof FieldScan>[1]): Sighting[] {
  const sightings = new FieldScan(source, columns);
  for (const [id, value] of values.entries()) sightings.see(id, Buffer.from(JSON.stringify({ value })), 0);
  return sightings.list();
}

describe("columns found by looking", () => {
  it("are the fields, with the type that most rows have", () => {
    const { columns, misfits } = inferColumns(
      seen([
        { a: 1, b: [true] },
        { a: "two", b: [false] },
        { a: 3, c: "x" },
      ]),
    );
    expect(columns.map(({ name, type, guarded }) => [name, type, guarded])).toEqual([
      ["value.a", "double", true],
      ["value.b.0", "boolean", false],
      ["value.c", "text", false],
    ]);
    expect(misfits).toEqual([{ column: "value.a", expected: "double", found: "string", rows: 1, exampleId: "1" }]);
  });

  it("hold nothing where a row has fields of its own in a value's place", () => {
    const { columns, misfits } = inferColumns(seen([87, { level: 86, note: { by: "x" } }, { note: "late" }]));
    expect(columns.map(({ name, type, guarded }) => [name, type, guarded])).toEqual([
      ["value", "double", true],
      ["value.level", "double", false],
      ["value.note", "text", true],
      ["value.note.by", "text", false],
    ]);
    expect(misfits).toEqual([]);
  });

  it("leave nothing to say of nulls", () => {
    expect(inferColumns(seen([{ a: null }, { a: "x" }])).misfits).toEqual([]);
  });
});

describe("columns of a schema", () => {
  const columns = wantedColumns({ columns: { "value.a": "bigint", "value.b": "json" } }, [source]);

  it("take what fits, count what does not, and name what they leave out", () => {
    const { misfits, leftOut } = fitColumns(
      columns,
      seen(
        [
          { a: 1, b: [1, { c: 2 }] },
          { a: 1.5, d: 1 },
        ],
        columns,
      ),
    );
    expect(misfits).toEqual([{ column: "value.a", expected: "bigint", found: "number", rows: 1, exampleId: "1" }]);
    expect(leftOut).toEqual([{ field: "value.d", rows: 1 }]);
  });

  it("must belong to what the table has", () => {
    const sources = [{ prefix: "result", sql: "result_payload" }];
    expect(() => wantedColumns({ columns: { "value.a": "double" } }, sources)).toThrow("names like result.…");
  });
});

it.each([[["value", "acc", "0"]], [["value", "a.b", "c\\d"]], [["value", ""]]])(
  "keys %j have a name of their own",
  (keys) => {
    expect(keysOf(nameOf(source, keys))).toEqual(keys);
  },
);

import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { FieldScan } from "./field-scan.ts";

test("counts rows of more shapes than are kept apart", () => {
  const sightings = new FieldScan({ prefix: "", sql: "payload" });
  const fields = 999;
  const rows = 1_500;
  for (let row = 0; row < rows; row++) {
    // Which of the fields is text makes the shape.
    const values = Array.from({ length: fields }, (_, field) => (field === row % fields ? "text" : field));
    sightings.see(row, Buffer.from(JSON.stringify({ value: values })), 0);
  }
  const [first, ...others] = sightings.list();
  expect(others).toHaveLength(fields - 1);
  expect(first?.kinds.get("string")).toEqual({ rows: 2, exampleId: "0" });
  expect(first?.kinds.get("number")).toEqual({ rows: rows - 2, exampleId: "1" });
});

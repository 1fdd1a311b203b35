import { describe, expect, it } from "vitest";
import type { FieldColumn } from "./columns.ts";
import { selectList } from "./select-list.ts";

const field = (path: string[], type: FieldColumn["type"], guarded = false): FieldColumn => ({
  name: path.join("."),
  type,
  source: { prefix: "", sql: "t.payload" },
  path,
  guarded,
});

describe("the expressions of columns", () => {
  it("read a field where it lies", () => {
    const list = selectList([], [field(["value", "acc", "0"], "double"), field(["value", "it's"], "text")], "text");
    expect(list).toBe(`(t.payload #>> '{"value","acc","0"}')::float8, t.payload #>> '{"value","it''s"}'`);
  });

  it("look at a field first where some rows hold something else", () => {
    expect(selectList([], [field(["value"], "boolean", true)], "binary")).toBe(
      `case when jsonb_typeof(t.payload #> '{"value"}') = 'boolean' then (t.payload #>> '{"value"}')::boolean end`,
    );
  });

  it("keep a whole branch as JSON, a text with its quotes", () => {
    const branch = field(["value"], "json");
    expect(selectList([], [branch], "text")).toBe(`nullif(t.payload #> '{"value"}', 'null')::text`);
    expect(selectList([], [branch], "json")).toBe(`t.payload #> '{"value"}' as "value"`);
  });

  it("refuse a name that JSON lines would cut off", () => {
    const long = field(["value", "x".repeat(60)], "double");
    expect(() => selectList([], [long], "json")).toThrow("names of at most 63 bytes; got value.xxx");
    expect(() => selectList([], [long], "text")).not.toThrow();
  });
});

import { describe, expect, it } from "vitest";
import { parseTypedField, typedFieldsOf, written } from "./typed-fields.ts";

const fields = (val: unknown) => [...typedFieldsOf(val)].sort();

describe("the typed fields of a payload", () => {
  it.each<[string, unknown, string[]]>([
    ["a number", 87, ["value: number"]],
    ["another number", -0.5, ["value: number"]],
    ["an object", { x: 1, name: "a", ok: true }, ["value.name: string", "value.ok: boolean", "value.x: number"]],
    ["an object in an object", { gyro: { z: 1 } }, ["value.gyro.z: number"]],
    ["a vector", { acc: [1, 2, 3] }, ["value.acc: number[3]"]],
    ["a vector with a hole", { acc: [1, null, 3] }, ["value.acc: number[3]"]],
    ["a list of several types", [1, "a"], ["value: mixed[2]"]],
    [
      "a list of objects",
      { items: [{ x: 1 }, { x: 2, label: "a" }] },
      ["value.items[].label: string", "value.items[].x: number"],
    ],
    [
      "a matrix",
      [
        [1, 2],
        [3, 4],
      ],
      ["value[]: number[2]"],
    ],
    ["a picture", { frame: Buffer.from("ffd8ffe0", "hex") }, ["value.frame: blob jpeg"]],
    ["a name with a dot", { "a.b": 1, a: { b: "x" } }, ["value.a.b: string", "value.a\\.b: number"]],
    ["a name with a colon", { "a: b": 1 }, ["value.a: b: number"]],
    ["what says nothing", { a: null, b: [], c: {}, d: [null] }, []],
  ])("%s", (_what, val, expected) => {
    expect(fields(val)).toEqual(expected);
    for (const field of expected) expect(written(parseTypedField(field))).toBe(field);
  });

  it("are few, whatever comes", () => {
    const dictionary = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`name ${index}`, index]));
    expect(fields(dictionary)).toEqual(["value: object"]);
    const wide = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`part ${index}`, { a: 1, b: 1, c: 1, d: 1 }]),
    );
    expect(typedFieldsOf(wide).size).toBe(200);
    let deep: unknown = 1;
    for (let depth = 0; depth < 90; depth++) deep = { deep };
    expect(fields(deep)).toEqual([`value${".deep".repeat(8)}: object`]);
  });
});

import { describe, expect, it } from "vitest";
import { shapeOf } from "./value-shape.ts";

describe("shapeOf", () => {
  it("finds scalars and vectors, short and long", () => {
    expect(shapeOf(87)).toEqual({ kind: "scalar", value: 87 });
    const short = {
      kind: "rows",
      rows: [
        { name: "1", value: 0.5, group: "" },
        { name: "2", value: 3, group: "" },
      ],
    };
    expect(shapeOf([0.5, 3])).toEqual(short);
    expect(shapeOf({ wrench: [0.5, 3] })).toEqual(short);
    const ranges = new Array(24).fill(5);
    expect(shapeOf({ ranges })).toEqual({ kind: "strip", numbers: ranges });
  });

  it("gives each field of an object a row, and each number of a short vector in it", () => {
    expect(shapeOf({ x: 1, frame: "map", gyro: [0.1, 0.2], walls: [[0], [1]], deep: { a: { b: 1 } } })).toEqual({
      kind: "rows",
      rows: [
        { name: "x", value: 1, group: "x" },
        { name: "frame", value: "map", group: "frame" },
        { name: "gyro 1", value: 0.1, group: "gyro" },
        { name: "gyro 2", value: 0.2, group: "gyro" },
        { name: "walls", value: "2 items", group: "walls" },
        { name: "deep", value: "a {…}", group: "deep" },
      ],
    });
  });

  it.each([
    ["text", "text"],
    [null, "null"],
    [true, "true"],
    [[], ""],
    [{}, ""],
    [new Uint8Array(7), "7 bytes"],
    [["a", "b"], "2 items"],
    [Number.NaN, "NaN"],
  ])("puts %j into words", (value, text) => {
    expect(shapeOf(value)).toEqual({ kind: "text", text });
  });

  it("stays short whatever comes", () => {
    const text = shapeOf("x".repeat(100_000));
    expect(text.kind === "text" && text.text.length).toBeLessThan(400);
    const strip = shapeOf(new Array(100_000).fill(1));
    expect(strip.kind === "strip" && strip.numbers.length).toBe(128);
    const rows = shapeOf(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field ${index}`, index])));
    expect(rows.kind === "rows" && rows.rows.length).toBe(12);
  });
});

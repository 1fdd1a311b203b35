import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeReader } from "./json-shape.ts";

/** As PostgreSQL writes jsonb: a space after colons and commas, no exponents in these. */
const asJsonb = (value: unknown): Buffer =>
  Buffer.from(
    JSON.stringify(value, undefined, 1)
      .replaceAll(/\n */g, " ")
      .replaceAll(/(?<=[[{]) | (?=[\]}])/g, ""),
  );

const shapeOf = (value: unknown, integersApart = false) => new ShapeReader(integersApart).shapeOf(asJsonb(value), 0);

describe("the shape", () => {
  it.each([
    [
      { a: 1, b: "x" },
      { a: -2.5, b: 'with "quotes", {brackets} and: colons' },
    ],
    [
      [true, null],
      [false, null],
    ],
    [{ a: { b: [1, 2] } }, { a: { b: [0.25, 7] } }],
  ])("of %j is that of %j", (one, other) => {
    expect(shapeOf(one)).toBe(shapeOf(other));
  });

  it.each([
    [{ s1: 1 }, { s2: 1 }],
    [{ a: 1 }, { a: "1" }],
    [{ a: 1 }, { a: null }],
    [{ a: true }, { a: "true" }],
    [[1], [1, 2]],
    [{ a: [1] }, { a: { "0": 1 } }],
    [{ a: { b: 1 } }, { a: {}, b: 1 }],
    [[[1], 2], [[1, 2]]],
  ])("of %j is not that of %j", (one, other) => {
    expect(shapeOf(one)).not.toBe(shapeOf(other));
  });

  it("tells whole numbers apart when asked", () => {
    expect(shapeOf([1, -2], true)).toBe(shapeOf([100, 0], true));
    expect(shapeOf([1], true)).not.toBe(shapeOf([1.5], true));
  });

  it("is equal only where keys and kinds are", () => {
    const kindsOf = (value: unknown): unknown => {
      if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
      if (Array.isArray(value)) return value.map(kindsOf);
      return Object.entries(value).map(([key, item]) => [key, kindsOf(item)]);
    };
    const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
    fc.assert(
      fc.property(value, value, (one, other) => {
        const sameKinds = JSON.stringify(kindsOf(one)) === JSON.stringify(kindsOf(other));
        if (shapeOf(one) === shapeOf(other)) expect(sameKinds).toBe(true);
      }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, runOneChannel } from "../testing/run-stage.ts";
import { minMax } from "./min-max.ts";

const of = (min: number, max: number) => minMax({ step: "min_max", min: [min], max: [max] }, channels("x"));

test("maps the range onto 0–1", () => {
  expect(runOneChannel(of(-1, 3), [-1, 1, 3])).toEqual([0, 0.5, 1]);
});

test("never leaves 0–1", () => {
  const value = fc.double({ noNaN: true, min: -1e12, max: 1e12 });
  fc.assert(
    fc.property(value, value, fc.array(value), (a, b, values) => {
      fc.pre(a !== b);
      for (const scaled of runOneChannel(of(Math.min(a, b), Math.max(a, b)), values)) {
        expect(scaled).toBeGreaterThanOrEqual(0);
        expect(scaled).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("refuses an empty range", () => {
  expect(() => of(2, 2)).toThrow("must be above min in every channel; got 2 and 2 in x");
});

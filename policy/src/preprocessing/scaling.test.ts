import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channels, runOneChannel, runStep } from "../testing/run-stage.ts";
import { minMax, standardise } from "./scaling.ts";

describe("standardise", () => {
  test("subtracts the mean and divides by the standard deviation", () => {
    const step = standardise({ step: "standardise", mean: [10, 0], std: [2, 4] }, channels("x", "y"));
    expect(runStep(step, [[14, 2]])[0]?.rows).toEqual([[2, 0.5]]);
  });

  test("wants one figure a channel", () => {
    expect(() => standardise({ step: "standardise", mean: [1], std: [1, 1] }, channels("x", "y"))).toThrow(
      "must have 2 entries, one a channel; got 1",
    );
  });
});

describe("min_max", () => {
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
});

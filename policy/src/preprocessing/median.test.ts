import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, runOneChannel } from "../testing/run-stage.ts";
import { median } from "./median.ts";

const of = (size: number) => median({ step: "median", size }, channels("x"));

test("takes a single outlier out", () => {
  expect(runOneChannel(of(3), [1, 1, 9, 1, 1])).toEqual([1, 1, 1, 1, 1]);
});

test("answers from the first sample on, with the mean of the middle two of an even number", () => {
  expect(runOneChannel(of(3), [1, 2, 10, 4])).toEqual([1, 1.5, 2, 4]);
});

test("the median of a constant is the constant", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 9 }), (value, size) => {
      expect(runOneChannel(of(size), Array(12).fill(value))).toEqual(Array(12).fill(value));
    }),
  );
});

test("of an odd number of samples it is one of them", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 5, maxLength: 20 }), (values) => {
      expect(values.slice(-5)).toContain(runOneChannel(of(5), values).at(-1));
    }),
  );
});

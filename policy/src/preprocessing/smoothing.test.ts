import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channels, runOneChannel, runStep } from "../testing/run-stage.ts";
import { exponentialAverage, lowPass, median, movingAverage } from "./smoothing.ts";

describe("moving average", () => {
  test("is the mean of the last samples, each channel by itself", () => {
    const step = movingAverage({ step: "moving_average", size: 2 }, channels("x", "y"));
    const rows = runStep(step, [
      [1, 10],
      [3, 20],
      [5, 60],
    ]).map((frame) => frame.rows[0]);
    expect(rows).toEqual([
      [1, 10],
      [2, 15],
      [4, 40],
    ]);
  });

  test("stays within the samples", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 8 }),
        (values, size) => {
          for (const average of runOneChannel(movingAverage({ step: "moving_average", size }, channels("x")), values)) {
            expect(average).toBeGreaterThanOrEqual(Math.min(...values));
            expect(average).toBeLessThanOrEqual(Math.max(...values));
          }
        },
      ),
    );
  });
});

describe("median", () => {
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
});

describe("exponential average", () => {
  const of = (alpha: number) => exponentialAverage({ step: "exponential_average", alpha }, channels("x"));

  test("moves by alpha towards each sample, from the first one", () => {
    expect(runOneChannel(of(0.5), [8, 0, 0, 4])).toEqual([8, 4, 2, 3]);
  });

  test("alpha 1 changes nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        expect(runOneChannel(of(1), values)).toEqual(values);
      }),
    );
  });
});

describe("low-pass", () => {
  const of = (cutoffHz: number) => lowPass({ step: "low_pass", cutoff_hz: cutoffHz }, channels("x"));

  test("answers a step as exp(−2πft) does", () => {
    const [, , second] = runOneChannel(of(1), [0, 1, 1], 50);
    expect(second).toBeCloseTo(1 - Math.exp(-2 * Math.PI * 0.1), 12);
  });

  test("what a constant makes of it depends on the time, not on the number of samples", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (samples) => {
        const answer = runOneChannel(of(2), [0, ...Array(samples).fill(1)], 100 / samples).at(-1);
        expect(answer).toBeCloseTo(1 - Math.exp(-2 * Math.PI * 0.2), 9);
      }),
    );
  });

  test("a sample at the same time changes nothing", () => {
    expect(runOneChannel(of(1), [3, 8], 0)).toEqual([3, 3]);
  });
});

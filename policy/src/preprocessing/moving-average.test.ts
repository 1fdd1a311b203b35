import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, runOneChannel, runStep } from "../testing/run-stage.ts";
import { movingAverage } from "./moving-average.ts";

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

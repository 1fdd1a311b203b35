import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, runOneChannel } from "../testing/run-stage.ts";
import { exponentialAverage } from "./exponential-average.ts";

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

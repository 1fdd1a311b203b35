import { expect, test } from "vitest";
import { channels, runStep } from "../testing/run-stage.ts";
import { standardise } from "./standardise.ts";

test("subtracts the mean and divides by the standard deviation", () => {
  const step = standardise({ step: "standardise", mean: [10, 0], std: [2, 4] }, channels("x", "y"));
  expect(runStep(step, [[14, 2]])[0]?.rows).toEqual([[2, 0.5]]);
});

test("wants one figure a channel", () => {
  expect(() => standardise({ step: "standardise", mean: [1], std: [1, 1] }, channels("x", "y"))).toThrow(
    "must have 2 entries, one a channel; got 1",
  );
});

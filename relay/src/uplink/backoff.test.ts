import { expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

it("doubles with each failure up to five seconds", () => {
  expect([1, 2, 3, 4, 50].map((failures) => backoffMs(failures, 1))).toEqual([100, 200, 400, 800, 5_000]);
});

it("spreads over the second half of a step", () => {
  expect([0, 0.5, 1].map((random) => backoffMs(1, random))).toEqual([50, 75, 100]);
});

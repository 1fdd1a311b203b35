import { expect, test } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

test("is true once an interval for each key", () => {
  let now = 0;
  const may = createRateLimit(10, () => now);
  expect([may("a"), may("a"), may("b")]).toEqual([true, false, true]);
  now = 9;
  expect(may("a")).toBe(false);
  now = 10;
  expect([may("a"), may("a")]).toEqual([true, false]);
});

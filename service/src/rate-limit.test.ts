import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("is true once an interval for each key", () => {
  let now = 0;
  const limit = new RateLimit(10, () => now);
  expect(["a", "a", "b"].map((key) => limit.allows(key))).toEqual([true, false, true]);
  now = 9;
  expect(limit.allows("a")).toBe(false);
  now = 10;
  expect(["a", "a"].map((key) => limit.allows(key))).toEqual([true, false]);
});

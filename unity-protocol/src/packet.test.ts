import { expect, it } from "vitest";
import { isDeeperThan } from "./packet.ts";

it("counts lists and objects, and looks no deeper than it is asked", () => {
  expect([isDeeperThan(1, 0), isDeeperThan([], 0), isDeeperThan([], 1)]).toEqual([false, true, false]);
  const value = { a: [1, { b: [new Uint8Array(3)] }] };
  expect([3, 4].map((levels) => isDeeperThan(value, levels))).toEqual([true, false]);
  const deep = JSON.parse("[".repeat(6_000) + "]".repeat(6_000));
  expect(isDeeperThan(deep, 100)).toBe(true);
});

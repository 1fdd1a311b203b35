import { expect, it } from "vitest";
import { dueMs } from "./pace.ts";

it("follows the recording at a multiple of its speed", () => {
  expect([0, 500, 1_000].map((offsetMs, index) => dueMs({ kind: "recorded", speed: 2 }, index, offsetMs))).toEqual([
    0, 250, 500,
  ]);
});

it("keeps a fixed rate whatever was recorded", () => {
  expect([0, 1, 2].map((index) => dueMs({ kind: "rate", hz: 500 }, index, 9_999))).toEqual([0, 2, 4]);
});

it("never waits at the highest speed", () => {
  expect(dueMs({ kind: "max" }, 10, 9_999)).toBe(0);
});

import { expect, it } from "vitest";
import { drain } from "./battery.ts";

it("falls, and faster while driving", () => {
  const resting = drain(80, { linear: 0, angular: 0 }, 60);
  const driving = drain(80, { linear: 0.3, angular: 0 }, 60);
  expect(resting).toBeLessThan(80);
  expect(driving).toBeLessThan(resting);
});

it("is swapped for a full one when it is nearly empty", () => {
  expect(drain(10.001, { linear: 0.3, angular: 0 }, 1)).toBe(100);
});

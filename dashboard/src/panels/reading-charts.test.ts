import { describe, expect, it } from "vitest";
import { sparklinePoints } from "./reading-charts.ts";

describe("sparklinePoints", () => {
  it("draws the last minute from left to right, high values at the top", () => {
    const samples = [
      { at: 0, value: 99 },
      { at: 40_000, value: 1 },
      { at: 100_000, value: 3 },
    ];
    expect(sparklinePoints(samples, 100_000)).toBe("0.0,28.0 120.0,2.0");
  });

  it("draws an unchanging value in the middle, and nothing when there is nothing", () => {
    expect(sparklinePoints([{ at: 5, value: 7 }], 5)).toBe("120.0,15.0");
    expect(sparklinePoints([], 5)).toBe("");
  });
});

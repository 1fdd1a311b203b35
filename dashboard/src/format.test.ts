import { describe, expect, it } from "vitest";
import { formatAge, formatBrief, formatMs, formatNumber, formatPercent } from "./format.ts";

describe("format", () => {
  it.each([
    [0, "0"],
    [87, "87"],
    [0.4291, "0.429"],
    [-12.345, "-12.35"],
    [123.45, "123.5"],
    [4321.9, "4322"],
    [0.00001, "1.00e-5"],
    [123456789, "1.23e+8"],
  ])("writes the number %d", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("writes ages, durations and shares", () => {
    expect([500, 12_900, 180_000, 7_300_000].map(formatAge)).toEqual(["now", "12 s", "3 min", "2 h"]);
    expect([0.84, 12.4, 1_400].map(formatMs)).toEqual(["0.8 ms", "12 ms", "1.4 s"]);
    expect([0, 0.976, 1].map(formatPercent)).toEqual(["0 %", "97.6 %", "100 %"]);
  });

  it("writes parameters on one line", () => {
    expect(formatBrief({ linear: 0.25, angular: -0.4 })).toBe("linear 0.25, angular -0.4");
  });
});

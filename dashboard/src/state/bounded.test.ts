import { describe, expect, it } from "vitest";
import { RateMeter } from "./bounded.ts";

describe("RateMeter", () => {
  it.each([1_000, 60_000])("finds 20 Hz after %d ms", (duration) => {
    const meter = new RateMeter();
    for (let at = 0; at <= duration; at += 50) meter.count(at);
    expect(meter.perSecond(duration)).toBeGreaterThan(18);
    expect(meter.perSecond(duration)).toBeLessThan(23);
  });

  it("falls to nothing when nothing comes", () => {
    const meter = new RateMeter();
    expect(meter.perSecond(0)).toBe(0);
    for (let at = 0; at < 5_000; at += 50) meter.count(at);
    expect(meter.perSecond(60_000)).toBeLessThan(0.01);
  });
});

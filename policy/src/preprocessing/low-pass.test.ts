import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, runOneChannel } from "../testing/run-stage.ts";
import { lowPass } from "./low-pass.ts";

const of = (cutoffHz: number) => lowPass({ step: "low_pass", cutoff_hz: cutoffHz }, channels("x"));

test("answers a step as exp(−2πft) does", () => {
  const [, , second] = runOneChannel(of(1), [0, 1, 1], 50);
  expect(second).toBeCloseTo(1 - Math.exp(-2 * Math.PI * 0.1), 12);
});

test("what a constant makes of it depends on the time, not on the number of samples", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), (samples) => {
      const answer = runOneChannel(of(2), [0, ...Array(samples).fill(1)], 100 / samples).at(-1);
      expect(answer).toBeCloseTo(1 - Math.exp(-2 * Math.PI * 0.2), 9);
    }),
  );
});

test("a sample at the same time changes nothing", () => {
  expect(runOneChannel(of(1), [3, 8], 0)).toEqual([3, 3]);
});

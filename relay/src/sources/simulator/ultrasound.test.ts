import { expect, it } from "vitest";
import { bodyRadius } from "./body.ts";
import { closedPath } from "./geometry.ts";
import { createRandom } from "./random.ts";
import { measureRanges, sensorBearing } from "./ultrasound.ts";

/** Walls 1 m ahead (east), 2 m left (north), 3 m behind and 9 m right of the origin. */
const walls = closedPath([
  { x: 1, y: 2 },
  { x: -3, y: 2 },
  { x: -3, y: -9 },
  { x: 1, y: -9 },
]);
const measure = (yaw: number, seed = 1) => measureRanges({ x: 0, y: 0, yaw }, walls, createRandom(seed));
const sensor = (ranges: readonly number[], number: number) => ranges[number - 1];

it("has S1 behind, S7 on the right, S13 ahead, S19 on the left", () => {
  expect([1, 7, 13, 19, 24].map(sensorBearing)).toEqual([-180, -90, 0, 90, 165]);
});

it("measures from the body's surface", () => {
  const ranges = measure(0);
  expect(ranges).toHaveLength(24);
  expect(sensor(ranges, 13)).toBeCloseTo(1 - bodyRadius, 1);
  expect(sensor(ranges, 19)).toBeCloseTo(2 - bodyRadius, 1);
  expect(sensor(ranges, 1)).toBeCloseTo(3 - bodyRadius, 1);
});

it("turns with the body", () => {
  const ranges = measure(Math.PI / 2);
  expect(sensor(ranges, 13)).toBeCloseTo(2 - bodyRadius, 1);
  expect(sensor(ranges, 7)).toBeCloseTo(1 - bodyRadius, 1);
});

it("says 5.0 where there is no echo", () => {
  expect(sensor(measure(0), 7)).toBe(5);
});

it("rounds to millimetres, with noise", () => {
  expect(measure(0).every((range) => Math.abs(range * 1_000 - Math.round(range * 1_000)) < 1e-9)).toBe(true);
  expect(measure(0, 1)).not.toEqual(measure(0, 2));
});

import { describe, expect, it } from "vitest";
import { bodyRadius } from "./body.ts";
import { closedPath } from "./geometry.ts";
import { Random } from "./random.ts";
import { ForceTorqueSensor, measureRanges, sensorBearing } from "./sensors.ts";

describe("the ultrasound ring", () => {
  /** Walls 1 m ahead (east), 2 m left (north), 3 m behind and 9 m right of the origin. */
  const walls = closedPath([
    { x: 1, y: 2 },
    { x: -3, y: 2 },
    { x: -3, y: -9 },
    { x: 1, y: -9 },
  ]);
  const measure = (yaw: number, seed = 1) => measureRanges({ x: 0, y: 0, yaw }, walls, new Random(seed));
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
});

describe("the force and torque sensor", () => {
  const still = { linear: 0, angular: 0 };
  const samples = (sensor: ForceTorqueSensor, count: number) =>
    Array.from({ length: count }, () => sensor.sample(still, undefined));
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

  it("rests at the recording's level, in integers", () => {
    const read = samples(new ForceTorqueSensor(new Random(1)), 500);
    expect(read.flat().every(Number.isInteger)).toBe(true);
    const means = [0, 1, 2, 3, 4, 5].map((axis) => mean(read.map((sample) => sample[axis] ?? 0)));
    [-1, 0, 63, -3, -1, 0].forEach((level, axis) => {
      expect(Math.abs((means[axis] ?? 0) - level)).toBeLessThan(0.3);
    });
  });

  it("makes a large excursion on a bump, which dies out within a window of 15 samples", () => {
    const sensor = new ForceTorqueSensor(new Random(1));
    sensor.bump({ point: { x: 0, y: 0 }, speed: 0.3, bearing: 0 });
    const [first = [], ...later] = samples(sensor, 15);
    expect(Math.abs(first[4] ?? 0)).toBeGreaterThan(100);
    expect(Math.abs(later.at(-1)?.[4] ?? 100)).toBeLessThan(5);
  });
});

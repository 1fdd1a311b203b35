import { expect, it } from "vitest";
import { createForceTorque } from "./force-torque.ts";
import { createRandom } from "./random.ts";

const still = { linear: 0, angular: 0 };
const samples = (sensor: ReturnType<typeof createForceTorque>, count: number) =>
  Array.from({ length: count }, () => sensor.sample(still, undefined));
const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

it("rests at the recording's level, in integers", () => {
  const read = samples(createForceTorque(createRandom(1)), 500);
  expect(read.flat().every(Number.isInteger)).toBe(true);
  const means = [0, 1, 2, 3, 4, 5].map((axis) => mean(read.map((sample) => sample[axis] ?? 0)));
  [-1, 0, 63, -3, -1, 0].forEach((level, axis) => {
    expect(Math.abs((means[axis] ?? 0) - level)).toBeLessThan(0.3);
  });
});

it("makes a large excursion on a bump, which dies out within a window of 15 samples", () => {
  const sensor = createForceTorque(createRandom(1));
  sensor.bump({ point: { x: 0, y: 0 }, speed: 0.3, bearing: 0 });
  const [first = [], ...later] = samples(sensor, 15);
  expect(Math.abs(first[4] ?? 0)).toBeGreaterThan(100);
  expect(Math.abs(later.at(-1)?.[4] ?? 100)).toBeLessThan(5);
});

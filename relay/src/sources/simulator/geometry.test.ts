import { describe, expect, it } from "vitest";
import { castRay, closedPath, nearestOnSegment, normalizeAngle, rayToSegment } from "./geometry.ts";

const wall = { a: { x: 2, y: -1 }, b: { x: 2, y: 1 } };
const origin = { x: 0, y: 0 };

describe("a ray", () => {
  it("meets a wall ahead at its distance", () => {
    expect(rayToSegment(origin, 0, wall)).toBeCloseTo(2);
    expect(rayToSegment(origin, Math.atan2(1, 2), { a: { x: 2, y: -2 }, b: { x: 2, y: 2 } })).toBeCloseTo(Math.sqrt(5));
  });

  it("misses a wall behind, beside, and along it", () => {
    expect(rayToSegment(origin, Math.PI, wall)).toBeUndefined();
    expect(rayToSegment(origin, Math.PI / 3, wall)).toBeUndefined();
    expect(rayToSegment(origin, Math.PI / 2, wall)).toBeUndefined();
  });

  it("meets the nearest of several walls, or none", () => {
    expect(castRay(origin, 0, [wall, { a: { x: 1, y: -1 }, b: { x: 1, y: 1 } }])).toBeCloseTo(1);
    expect(castRay(origin, 2, [wall])).toBe(Number.POSITIVE_INFINITY);
  });
});

it("finds the nearest point of a segment, its ends included", () => {
  expect(nearestOnSegment({ x: 0, y: 0.5 }, wall)).toEqual({ x: 2, y: 0.5 });
  expect(nearestOnSegment({ x: 0, y: 9 }, wall)).toEqual({ x: 2, y: 1 });
});

it("closes a path", () => {
  const [a, b, c] = [origin, { x: 1, y: 0 }, { x: 0, y: 1 }];
  expect(closedPath([a, b, c])).toEqual([
    { a, b },
    { a: b, b: c },
    { a: c, b: a },
  ]);
});

it.each([
  [3 * Math.PI, -Math.PI],
  [-2.5 * Math.PI, -0.5 * Math.PI],
  [1, 1],
])("brings the angle %f to %f", (angle, normalized) => {
  expect(normalizeAngle(angle)).toBeCloseTo(normalized);
});

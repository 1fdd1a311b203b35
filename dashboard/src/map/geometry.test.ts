import { describe, expect, it } from "vitest";
import type { Wall } from "../state/payloads.ts";
import { boundsOf, castRays, fit, nearest, project, sensorAngle } from "./geometry.ts";

const room: Wall[] = [
  [0, 0, 8, 0],
  [8, 0, 8, 5],
  [8, 5, 0, 5],
  [0, 5, 0, 0],
];

describe("sensorAngle", () => {
  it("places 24 rangers counter-clockwise from behind", () => {
    const degrees = (index: number) => Math.round((sensorAngle(index, 24) * 180) / Math.PI);
    expect([0, 6, 12, 18, 23].map(degrees)).toEqual([-180, -90, 0, 90, 165]);
  });
});

describe("castRays", () => {
  it("starts at the body's ring and ends where the range says, in the room's directions", () => {
    const ranges = new Array(24).fill(1);
    ranges[12] = 2;
    const rays = castRays({ x: 1, y: 2, yaw: Math.PI / 2 }, 0.3, ranges);
    const front = rays[12];
    expect(front?.from.x).toBeCloseTo(1);
    expect(front?.from.y).toBeCloseTo(2.3);
    expect(front?.to.x).toBeCloseTo(1);
    expect(front?.to.y).toBeCloseTo(4.3);
    expect(rays[18]?.to.x).toBeCloseTo(-0.3);
    expect(rays[18]?.to.y).toBeCloseTo(2);
  });
});

describe("boundsOf", () => {
  it("is the rectangle around all ends", () => {
    expect(boundsOf([...room, [-1, 2, 3, 6]])).toEqual({ minX: -1, minY: 0, maxX: 8, maxY: 6 });
  });

  it("is nothing without walls", () => {
    expect(boundsOf([])).toBeUndefined();
  });
});

describe("fit and project", () => {
  const bounds = { minX: 0, minY: 0, maxX: 8, maxY: 5 };

  it.each([
    [800, 300],
    [300, 800],
    [360, 220],
  ])("keeps the room inside %d × %d, centred, with y upwards", (width, height) => {
    const projection = fit(bounds, width, height, 20);
    const lowerLeft = project(projection, { x: 0, y: 0 });
    const upperRight = project(projection, { x: 8, y: 5 });
    expect(lowerLeft.x).toBeGreaterThanOrEqual(20 - 1e-9);
    expect(upperRight.y).toBeGreaterThanOrEqual(20 - 1e-9);
    expect(upperRight.x).toBeGreaterThan(lowerLeft.x);
    expect(upperRight.y).toBeLessThan(lowerLeft.y);
    expect(lowerLeft.x + upperRight.x).toBeCloseTo(width);
    expect(lowerLeft.y + upperRight.y).toBeCloseTo(height);
  });

  it("survives a room without extent and a canvas without size", () => {
    const projection = fit({ minX: 1, minY: 1, maxX: 1, maxY: 1 }, 0, 0, 20);
    expect(Number.isFinite(project(projection, { x: 1, y: 1 }).x)).toBe(true);
    expect(projection.scale).toBeGreaterThan(0);
  });
});

describe("nearest", () => {
  it("says how far and where", () => {
    const ranges = new Array(24).fill(5);
    ranges[18] = 0.4;
    expect(nearest(ranges)).toEqual({ range: 0.4, degrees: 90 });
  });

  it("is nothing without ranges", () => {
    expect(nearest([])).toBeUndefined();
  });
});

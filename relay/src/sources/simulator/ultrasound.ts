/** The ring of 24 ultrasound rangers on the body's surface. */
import { bodyRadius } from "./body.ts";
import { castRay, type Pose, type Segment } from "./geometry.ts";
import type { Random } from "./random.ts";

const sensors = 24;
/** What a ranger says when it hears no echo, in metres. */
const maxRange = 5;
/** Directions within a ranger's beam: the first echo is the one that is heard. */
const beam = [-10, -5, 0, 5, 10].map(radians);
/** Standard deviation of a range, in metres. */
const rangeNoise = 0.004;

/** The bearing of ranger i = 1 … 24 in degrees: S1 looks back, S7 right, S13 ahead, S19 left. */
export function sensorBearing(sensor: number): number {
  return -180 + 15 * (sensor - 1);
}

/** Ranges S1 … S24 in metres, rounded to millimetres, from the ring outwards. */
export function measureRanges(pose: Pose, walls: readonly Segment[], random: Random): number[] {
  return Array.from({ length: sensors }, (_, index) => {
    const direction = pose.yaw + radians(sensorBearing(index + 1));
    const range = echo(pose, direction, walls);
    if (range >= maxRange) return maxRange;
    return Math.round(Math.max(0, Math.min(maxRange, range + random.gaussian(rangeNoise))) * 1_000) / 1_000;
  });
}

function echo(pose: Pose, direction: number, walls: readonly Segment[]): number {
  const ranger = { x: pose.x + bodyRadius * Math.cos(direction), y: pose.y + bodyRadius * Math.sin(direction) };
  return Math.min(...beam.map((deviation) => castRay(ranger, direction + deviation, walls)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** What the robot's sensors say: 24 ultrasound rangers around its body, and the force and torque at its wrist. */
import { bodyRadius, type Contact, type Velocity } from "./body.ts";
import { castRay, type Pose, type Segment } from "./geometry.ts";
import type { Random } from "./random.ts";

const rangers = 24;
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
  return Array.from({ length: rangers }, (_, index) => {
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

/** A level and its noise's standard deviation for each of `[fx, fy, fz, tx, ty, tz]`, in the recording's units. */
interface Level {
  mean: readonly number[];
  noise: readonly number[];
}

/** As the first grasp of class `normal`. */
const atRest: Level = { mean: [-1, 0, 63, -3, -1, 0], noise: [0.4, 0.5, 1.2, 0.4, 0.5, 0.2] };
/** As the median of all grasps of class `normal`. */
const moving: Level = { mean: [-0.9, 0.1, 60.6, -7.1, -2.9, -0.3], noise: [0.9, 1.5, 4.3, 2.6, 1.9, 0.5] };
/** The excursion of a bump at 0.3 m/s into a wall straight ahead, and straight on the left. */
const bumpAhead = [-60, 0, 0, 0, 200, 0];
const bumpLeft = [0, -60, 0, -200, 0, 0];
/** What a bump adds to each axis at random: no two are alike. */
const bumpScatter = [15, 15, 25, 60, 60, 6];
/** What is left of a bump's excursion one sample later: it swings back. */
const decay = -0.4;
const referenceSpeed = 0.3;
/** The share of a bump's excursion that lasts while the body leans on a wall. */
const leaning = 0.03;

/**
 * After the recorded grasp approaches: a resting level with noise that grows while the robot moves; on a bump a large
 * excursion that dies out within a few samples; while it pushes, a lasting force.
 */
export class ForceTorqueSensor {
  readonly #random: Random;
  #excursion = atRest.mean.map(() => 0);

  constructor(random: Random) {
    this.#random = random;
  }

  /** A bump into a wall. */
  bump({ speed, bearing }: Contact): void {
    const strength = (0.5 + speed / referenceSpeed) * this.#random.between(0.7, 1.3);
    const blow = excursionOf(bearing, strength);
    const scatter = (axis: number) => this.#random.gaussian(at(bumpScatter, axis));
    this.#excursion = this.#excursion.map((value, axis) => value + at(blow, axis) + scatter(axis));
  }

  /** The next sample, of integers. */
  sample(velocity: Velocity, touching: Contact | undefined): number[] {
    const level = Math.abs(velocity.linear) + Math.abs(velocity.angular) > 0.02 ? moving : atRest;
    const lean = touching === undefined ? [] : excursionOf(touching.bearing, leaning);
    const sample = level.mean.map((mean, axis) => {
      const undisturbed = mean + this.#random.gaussian(at(level.noise, axis));
      return Math.round(undisturbed + at(this.#excursion, axis) + at(lean, axis)) + 0;
    });
    this.#excursion = this.#excursion.map((value) => value * decay);
    return sample;
  }
}

function excursionOf(bearing: number, strength: number): number[] {
  return bumpAhead.map(
    (ahead, axis) => strength * (ahead * Math.cos(bearing) + at(bumpLeft, axis) * Math.sin(bearing)),
  );
}

function at(values: readonly number[], axis: number): number {
  return values[axis] ?? 0;
}

/**
 * The wrist's force and torque sensor, after the recorded grasp approaches: a resting level with noise that grows while the
 * robot moves; on a bump a large excursion that dies out within a few samples; while it pushes, a lasting force.
 */
import type { Contact, Velocity } from "./body.ts";
import type { Random } from "./random.ts";

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

export interface ForceTorque {
  /** A bump into a wall. */
  bump(contact: Contact): void;
  /** The next sample, of integers. */
  sample(velocity: Velocity, touching: Contact | undefined): number[];
}

/** Makes a sensor at rest. */
export function createForceTorque(random: Random): ForceTorque {
  let excursion = atRest.mean.map(() => 0);
  return {
    bump(contact) {
      const strength = (0.5 + contact.speed / referenceSpeed) * random.between(0.7, 1.3);
      const blow = excursionOf(contact.bearing, strength);
      excursion = excursion.map((value, axis) => value + at(blow, axis) + random.gaussian(at(bumpScatter, axis)));
    },
    sample(velocity, touching) {
      const level = Math.abs(velocity.linear) + Math.abs(velocity.angular) > 0.02 ? moving : atRest;
      const lean = touching === undefined ? [] : excursionOf(touching.bearing, leaning);
      const sample = level.mean.map((mean, axis) => {
        const undisturbed = mean + random.gaussian(at(level.noise, axis));
        return Math.round(undisturbed + at(excursion, axis) + at(lean, axis)) + 0;
      });
      excursion = excursion.map((value) => value * decay);
      return sample;
    },
  };
}

function excursionOf(bearing: number, strength: number): number[] {
  return bumpAhead.map(
    (ahead, axis) => strength * (ahead * Math.cos(bearing) + at(bumpLeft, axis) * Math.sin(bearing)),
  );
}

function at(values: readonly number[], axis: number): number {
  return values[axis] ?? 0;
}

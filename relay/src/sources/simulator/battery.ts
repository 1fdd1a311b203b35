/** A battery that falls slowly, faster while driving, and is swapped for a full one when it is nearly empty. */
import type { Velocity } from "./body.ts";

const full = 100;
const swapBelow = 10;
/** Percent a second: hours at rest, about an hour and a half of driving. */
const idleDrain = 0.004;
const drivingDrain = 0.05;

/** The charge in percent after `seconds`. */
export function drain(percent: number, velocity: Velocity, seconds: number): number {
  const effort = Math.abs(velocity.linear) + 0.2 * Math.abs(velocity.angular);
  const left = percent - (idleDrain + drivingDrain * effort) * seconds;
  return left < swapBelow ? full : left;
}

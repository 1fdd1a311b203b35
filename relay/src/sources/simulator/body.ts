/**
 * The robot's body: a disc on two driven wheels, what it can be told, its battery, and the walls that stop it. Pure functions
 * from state to state.
 */
import { compileValidator, type RobotCommand } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { nearestOnSegment, normalizeAngle, type Point, type Pose, type Segment } from "./geometry.ts";

/** The body's radius in metres, as of a SCITOS G5. */
export const bodyRadius = 0.3;

/** What the motors can do: metres and radians, a second and a second squared. */
export const limits = { linear: 1, angular: 2.5, linearAcceleration: 0.8, angularAcceleration: 4 } as const;

/** Forward speed in m/s and turning speed in rad/s, counter-clockwise positive. */
export interface Velocity {
  linear: number;
  angular: number;
}

export interface Motion {
  pose: Pose;
  velocity: Velocity;
}

/** A wall that the body touches. */
export interface Contact {
  /** Where they touch. */
  point: Point;
  /** How fast the body came at the wall, in m/s. */
  speed: number;
  /** The direction to the wall, seen from the robot: 0 is ahead, positive is left. */
  bearing: number;
}

/** Moves a body for `seconds`: the velocity goes towards what is wanted as fast as the motors can. */
export function drive({ pose, velocity }: Motion, wanted: Velocity, seconds: number): Motion {
  const linear = approach(velocity.linear, wanted.linear, limits.linearAcceleration * seconds);
  const angular = approach(velocity.angular, wanted.angular, limits.angularAcceleration * seconds);
  const heading = pose.yaw + (angular * seconds) / 2;
  return {
    pose: {
      x: pose.x + linear * Math.cos(heading) * seconds,
      y: pose.y + linear * Math.sin(heading) * seconds,
      yaw: normalizeAngle(pose.yaw + angular * seconds),
    },
    velocity: { linear, angular },
  };
}

/** The room between the body and the nearest wall, in metres; negative when it is inside one. */
export function clearance(pose: Point, walls: readonly Segment[]): number {
  return Math.hypot(...offsetToNearest(pose, walls)) - bodyRadius;
}

/** Pushes a body that is inside a wall back to its surface, and takes the speed that drove it there. */
export function collide(motion: Motion, walls: readonly Segment[]): { motion: Motion; contact: Contact | undefined } {
  const { pose, velocity } = motion;
  const [dx, dy] = offsetToNearest(pose, walls);
  const distance = Math.hypot(dx, dy);
  if (distance > bodyRadius || distance === 0) return { motion, contact: undefined };
  const bearing = normalizeAngle(Math.atan2(dy, dx) - pose.yaw);
  const into = Math.max(0, Math.cos(bearing) * Math.sign(velocity.linear));
  const back = bodyRadius / distance - 1;
  return {
    motion: {
      pose: { x: pose.x - dx * back, y: pose.y - dy * back, yaw: pose.yaw },
      velocity: { linear: velocity.linear * (1 - into), angular: velocity.angular },
    },
    contact: { point: { x: pose.x + dx, y: pose.y + dy }, speed: into * Math.abs(velocity.linear), bearing },
  };
}

const DriveParams = Type.Object(
  {
    /** m/s, forward positive. */
    linear: Type.Number({ minimum: -limits.linear, maximum: limits.linear }),
    /** rad/s, counter-clockwise positive. */
    angular: Type.Number({ minimum: -limits.angular, maximum: limits.angular }),
  },
  { additionalProperties: false },
);

const validateDrive = compileValidator("the params of drive", DriveParams);

/** What a command asks of the motors, or a sentence about why it cannot be done. */
type DriveRequest = { ok: true; velocity: Velocity } | { ok: false; problem: string };

export function readDriveCommand({ action, params }: Pick<RobotCommand, "action" | "params">): DriveRequest {
  if (action === "stop") return { ok: true, velocity: { linear: 0, angular: 0 } };
  if (action !== "drive")
    return { ok: false, problem: `action must be "drive" or "stop"; got ${JSON.stringify(action)}` };
  const checked = validateDrive(params);
  return checked.ok ? { ok: true, velocity: checked.value } : checked;
}

const fullBattery = 100;
/** A battery that is nearly empty is swapped for a full one. */
const swapBelow = 10;
/** Percent a second: hours at rest, about an hour and a half of driving. */
const idleDrain = 0.004;
const drivingDrain = 0.05;

/** The battery's charge in percent after `seconds`. */
export function drain(percent: number, velocity: Velocity, seconds: number): number {
  const effort = Math.abs(velocity.linear) + 0.2 * Math.abs(velocity.angular);
  const left = percent - (idleDrain + drivingDrain * effort) * seconds;
  return left < swapBelow ? fullBattery : left;
}

function offsetToNearest(from: Point, walls: readonly Segment[]): [number, number] {
  let nearest: [number, number] = [Number.POSITIVE_INFINITY, 0];
  for (const wall of walls) {
    const point = nearestOnSegment(from, wall);
    const offset: [number, number] = [point.x - from.x, point.y - from.y];
    if (Math.hypot(...offset) < Math.hypot(...nearest)) nearest = offset;
  }
  return nearest;
}

function approach(value: number, target: number, most: number): number {
  return value + Math.min(most, Math.max(-most, target - value));
}

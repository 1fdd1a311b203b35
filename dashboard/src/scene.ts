/** What can be seen of a robot from above, collected from its packets. */
import { Ring } from "./ring.ts";
import { isImpact, isPose, isRoomMap, isUltrasound, type Pose, type RoomMap } from "./wire.ts";

/** A place in the room, metres. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where the body touched something, and how fast it was, metres a second. */
export interface Bump extends Point {
  readonly speed: number;
}

export interface Scene {
  /** Grows with every change: whoever draws knows whether there is something new. */
  revision: number;
  room: RoomMap | undefined;
  pose: Pose | undefined;
  /** Metres, one a sensor; see `sensorAngle`. */
  ranges: readonly number[] | undefined;
  readonly trail: Ring<Point>;
  readonly bumps: Ring<Bump>;
}

const trailPoints = 600;
const trailSpacing = 0.04;
const bumpsKept = 40;

export function createScene(): Scene {
  return {
    revision: 0,
    room: undefined,
    pose: undefined,
    ranges: undefined,
    trail: new Ring(trailPoints),
    bumps: new Ring(bumpsKept),
  };
}

/** Takes a packet's value into the scene where it belongs there. */
export function showInScene(scene: Scene, type: string, val: unknown): void {
  if (type === "map" && isRoomMap(val)) scene.room = val;
  else if (type === "odom" && isPose(val)) moveTo(scene, val);
  else if (type === "ultrasound" && isUltrasound(val)) scene.ranges = val.ranges;
  else if (type === "impact" && isImpact(val)) markBump(scene, val);
  else return;
  scene.revision += 1;
}

/** The same bump comes again with the snapshot after a reconnect. */
function markBump({ bumps }: Scene, bump: Bump): void {
  const last = bumps.newest;
  if (last?.x !== bump.x || last.y !== bump.y || last.speed !== bump.speed) bumps.push(bump);
}

function moveTo(scene: Scene, pose: Pose): void {
  scene.pose = pose;
  const last = scene.trail.newest;
  if (last === undefined || Math.hypot(pose.x - last.x, pose.y - last.y) >= trailSpacing) {
    scene.trail.push({ x: pose.x, y: pose.y });
  }
}

/** What can be seen of a robot from above, collected from its packets. */
import { Ring } from "./bounded.ts";
import { type Pose, type RoomMap, readPayload } from "./payloads.ts";

/** A place in the room, metres. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where the body touched something, and how fast it was, metres a second. */
export interface Bump extends Point {
  readonly speed: number;
}

const trailPoints = 600;
const trailSpacing = 0.04;
const bumpsKept = 40;

export class Scene {
  /** Grows with every change: whoever draws knows whether there is something new. */
  revision = 0;
  room: RoomMap | undefined;
  pose: Pose | undefined;
  /** Metres, one a sensor; see `sensorAngle`. */
  ranges: readonly number[] | undefined;
  readonly trail = new Ring<Point>(trailPoints);
  readonly bumps = new Ring<Bump>(bumpsKept);

  /** Takes a packet's value into the scene where it belongs there. */
  take(type: string, val: unknown): void {
    if (this.#takes(type, val)) this.revision += 1;
  }

  #takes(type: string, val: unknown): boolean {
    switch (type) {
      case "map": {
        const room = readPayload.map(val);
        if (room.ok) this.room = room.value;
        return room.ok;
      }
      case "odom": {
        const pose = readPayload.odom(val);
        if (pose.ok) this.#moveTo(pose.value);
        return pose.ok;
      }
      case "ultrasound": {
        const sight = readPayload.ultrasound(val);
        if (sight.ok) this.ranges = sight.value.ranges;
        return sight.ok;
      }
      case "impact": {
        const bump = readPayload.impact(val);
        if (bump.ok) this.#mark(bump.value);
        return bump.ok;
      }
      default:
        return false;
    }
  }

  /** The same bump comes again with the snapshot after a reconnect. */
  #mark(bump: Bump): void {
    const last = this.bumps.newest;
    if (last?.x !== bump.x || last.y !== bump.y || last.speed !== bump.speed) this.bumps.push(bump);
  }

  #moveTo(pose: Pose): void {
    this.pose = pose;
    const last = this.trail.newest;
    if (last === undefined || Math.hypot(pose.x - last.x, pose.y - last.y) >= trailSpacing) {
      this.trail.push({ x: pose.x, y: pose.y });
    }
  }
}

/** What the page draws of a robot's own readings. The contract leaves `val` open; readings of another shape stay text. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";

const Metres = Type.Number();

/** A wall from (x1, y1) to (x2, y2). */
export type Wall = Type.Static<typeof Wall>;
const Wall = Type.Tuple([Metres, Metres, Metres, Metres]);

/** The `val` of a `map` packet: the room, and the radius of the robot's body. */
export type RoomMap = Type.Static<typeof RoomMap>;
const RoomMap = Type.Object({ walls: Type.Array(Wall), radius: Metres });

/** The `val` of an `odom` packet: a place, and radians counter-clockwise from the x axis. */
export type Pose = Type.Static<typeof Pose>;
const Pose = Type.Object({ x: Metres, y: Metres, yaw: Type.Number() });

/** The `val` of an `ultrasound` packet: how far each sensor sees. */
const Ultrasound = Type.Object({ ranges: Type.Array(Metres) });

/** The `val` of an `impact` packet: where the body touched something, and how fast it was, metres a second. */
const Impact = Type.Object({ x: Metres, y: Metres, speed: Type.Number() });

export const readPayload = {
  map: compileValidator("a map", RoomMap),
  odom: compileValidator("odom", Pose),
  ultrasound: compileValidator("ultrasound", Ultrasound),
  impact: compileValidator("an impact", Impact),
} as const;

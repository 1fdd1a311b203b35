/** What the hub tells viewers about robots, relays and workers that come and go. */
import Type from "typebox";
import { EpochMs, Identifier } from "./scalars.ts";

/** hub → viewers: a robot or worker came, went, or went silent. */
export const RobotStatus = Type.Object(
  {
    kind: Type.Enum(["robot", "brain_worker"]),
    /** The robot's or the worker's id. */
    id: Identifier,
    robot_type: Type.Optional(Identifier),
    status: Type.Enum(["online", "silent", "offline"]),
    at: EpochMs,
  },
  { $id: "robot_status" },
);
export type RobotStatus = Type.Static<typeof RobotStatus>;

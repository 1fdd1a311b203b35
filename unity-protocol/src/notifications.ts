/** What the hub tells viewers unasked: who came and went, and payloads that begin to look different. */
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

/** hub → viewers: the shape of a payload has changed. Whoever does not know the event misses nothing that it needs. */
export const PayloadSchemaChange = Type.Object(
  {
    robot_type: Identifier,
    /** The data type: `battery`, `imu`, … */
    type: Identifier,
    /** Of the shape, 1 being the first that was seen. */
    version: Type.Integer({ minimum: 2 }),
    /** When the hub noticed. */
    at: EpochMs,
    /** What changed, in sentences for people. */
    changes: Type.Array(Type.String(), { minItems: 1 }),
  },
  { $id: "payload_schema" },
);
export type PayloadSchemaChange = Type.Static<typeof PayloadSchemaChange>;

/** What the hub tells viewers when payloads of a robot type and data type begin to look different. */
import Type from "typebox";
import { EpochMs, Identifier } from "./scalars.ts";

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

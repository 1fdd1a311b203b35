/** Everything about a disk log that is not a block: one small record. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";

const LogState = Type.Object({
  /** The newest packet's position; 0 before the first. */
  last: Type.Integer(),
  /** Everything up to here is forgotten … */
  trimmedTo: Type.Integer(),
  /** … and the blocks up to here are removed. */
  sweptTo: Type.Integer(),
  /** A packet's number is its position plus this. */
  shift: Type.Integer(),
  /** Of all blocks, trimmed ones included. */
  bytes: Type.Integer(),
  /** After this position there are no holes. */
  sparseTo: Type.Integer(),
  /** Packets after this position were never handed out; null when any may have been. */
  unsentAfter: Type.Union([Type.Integer(), Type.Null()]),
  /** Of the newest packet: a gap is said of it where no packet is left. */
  robot: Type.Object({ robot_id: Type.String(), robot_type: Type.String() }),
});
export type LogState = Type.Static<typeof LogState>;
export const validateState = compileValidator("the log's state record", LogState);

/** Of a new log. */
export const emptyState: LogState = {
  last: 0,
  trimmedTo: 0,
  sweptTo: 0,
  shift: 0,
  bytes: 0,
  sparseTo: 0,
  unsentAfter: null,
  robot: { robot_id: "unknown", robot_type: "unknown" },
};

/** Commands: from a viewer or a policy, through the hub's audit, to a robot, at most once and never late. */
import Type from "typebox";
import { DurationMs, EpochMs, Identifier, Uuid } from "./scalars.ts";

/** How long a command lives when its sender does not say, in milliseconds. */
export const defaultCommandTtlMs = 2_000;

/** What every command says, wherever it comes from. */
const commandBody = {
  action: Identifier,
  params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** How long it may wait before a robot must refuse it; 2,000 when missing. */
  ttl_ms: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 3_600_000 })),
  /** Made by the hub when missing. The same id is never executed twice. */
  command_id: Type.Optional(Uuid),
};

/** A command that a policy's prediction asks for; the robot is the prediction's. */
export const PredictedCommand = Type.Object(commandBody, { $id: "predicted_command" });
export type PredictedCommand = Type.Static<typeof PredictedCommand>;

/** viewer → hub: ask a robot to do something. */
export const CommandRequest = Type.Object(
  { robot_id: Identifier, robot_type: Type.Optional(Identifier), ...commandBody },
  { $id: "command_request" },
);
export type CommandRequest = Type.Static<typeof CommandRequest>;

/** hub → relay: do it, unless it is later than `expires_at`. */
export const RobotCommand = Type.Object(
  {
    command_id: Uuid,
    robot_id: Identifier,
    robot_type: Type.Optional(Identifier),
    action: Identifier,
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    /** On the hub's clock. */
    expires_at: EpochMs,
    /** How much of its life was left when the hub sent it: for relays that do not know the hub's clock. */
    ttl_ms: DurationMs,
  },
  { $id: "robot_command" },
);
export type RobotCommand = Type.Static<typeof RobotCommand>;

/** relay → hub, as the acknowledgement of `send_to_robot`: what the robot answered. */
export const RobotAnswer = Type.Object(
  {
    status: Type.Enum(["acknowledged", "failed", "expired"]),
    result: Type.Optional(Type.Unknown()),
  },
  { $id: "robot_answer" },
);
export type RobotAnswer = Type.Static<typeof RobotAnswer>;

/** `sent` → one of the others, which are final. */
export const CommandStatus = Type.Enum(["sent", "acknowledged", "failed", "expired", "rejected"]);
export type CommandStatus = Type.Static<typeof CommandStatus>;

/** hub → viewers: a command's status changed. */
export const CommandUpdate = Type.Object(
  {
    command_id: Uuid,
    robot_id: Identifier,
    action: Identifier,
    sender: Type.String(),
    status: CommandStatus,
    result: Type.Optional(Type.Unknown()),
  },
  { $id: "command_update" },
);
export type CommandUpdate = Type.Static<typeof CommandUpdate>;

/** brain worker → hub: the bytes that a robot understands, for robots whose worker makes them. */
export const HexToHub = Type.Object(
  {
    relay_id: Identifier,
    robot_id: Type.Optional(Identifier),
    /** Of the command that they carry out; legacy workers do not say it. */
    command_id: Type.Optional(Uuid),
    /** Hex text, binary, or an array of bytes. */
    payload: Type.Unknown(),
  },
  { $id: "hex_to_hub" },
);
export type HexToHub = Type.Static<typeof HexToHub>;

/** hub → relay, as `send_to_robot`: a command's bytes, as the worker made them; to be refused after `expires_at`. */
export const RobotBytes = Type.Object(
  {
    command_id: Uuid,
    relay_id: Identifier,
    robot_id: Type.Optional(Identifier),
    payload: Type.Unknown(),
    /** On the hub's clock. */
    expires_at: EpochMs,
    /** How much of the command's life was left when the hub sent it. */
    ttl_ms: DurationMs,
  },
  { $id: "robot_bytes" },
);
export type RobotBytes = Type.Static<typeof RobotBytes>;

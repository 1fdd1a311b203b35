/** A command on its way, who asked for it, and the forms in which it travels. */
import type { CommandRow } from "@physical-ai/db";
import type { CommandRequest, CommandUpdate, HexToHub, RobotBytes, RobotCommand } from "@physical-ai/unity-protocol";

/** Who asks, and why. */
export interface CommandCause {
  sender: string;
  /** The packet that made a policy ask. */
  streamId?: string | undefined;
  seq?: number | undefined;
  /** Another hub was asked, and passes on what is left of the command's life: until then, in epoch milliseconds. */
  forwarded?: { askedBy: string; expiresAt: number };
}

/** A command on its way. */
export interface Command {
  row: CommandRow;
  ttlMs: number;
  /** The hub that forwarded it. */
  askedBy: string | undefined;
}

/** A command for the hub that has the robot's relay. */
export interface ForwardedCommand {
  request: CommandRequest & { command_id: string; ttl_ms: number };
  /** Epoch milliseconds on the asking hub's clock. */
  expires_at: number;
  sender: string;
  stream_id?: string;
  seq?: number;
}

/** What every update of a command says. */
export type CommandIdentity = Omit<CommandUpdate, "status" | "result">;

/** Epoch milliseconds after which no robot may obey it. */
export const expiresAt = ({ row, ttlMs }: Command): number => row.createdAt + ttlMs;

/** @param time when it was asked for, epoch milliseconds */
export function rowOf(request: CommandRequest, cause: CommandCause, commandId: string, time: number): CommandRow {
  return {
    commandId,
    robotId: request.robot_id,
    robotType: request.robot_type,
    command: request.action,
    params: request.params ?? {},
    sender: cause.sender,
    status: "sent",
    result: undefined,
    streamId: cause.streamId,
    seq: cause.seq,
    createdAt: time,
    updatedAt: time,
  };
}

export function identityOf({ commandId, robotId, command, sender }: CommandRow): CommandIdentity {
  return { command_id: commandId, robot_id: robotId, action: command, sender };
}

/** For the relay, or for the worker that turns it into bytes. */
export function robotCommandOf(command: Command): RobotCommand {
  const { row, ttlMs } = command;
  return {
    command_id: row.commandId,
    robot_id: row.robotId,
    action: row.command,
    expires_at: expiresAt(command),
    ttl_ms: ttlMs,
    ...(row.robotType === undefined ? {} : { robot_type: row.robotType }),
    ...paramsOf(row),
  };
}

/** For the relay: the bytes that a worker made of it, `leftMs` before it expires. */
export function robotBytesOf(command: Command, { relay_id, robot_id, payload }: HexToHub, leftMs: number): RobotBytes {
  return {
    command_id: command.row.commandId,
    relay_id,
    ...(robot_id === undefined ? {} : { robot_id }),
    payload,
    expires_at: expiresAt(command),
    ttl_ms: leftMs,
  };
}

/** For the hub that has the robot's relay. */
export function forwardedCommandOf(command: Command): ForwardedCommand {
  const { row, ttlMs } = command;
  const { commandId, robotId, robotType, streamId, seq } = row;
  return {
    request: {
      command_id: commandId,
      robot_id: robotId,
      action: row.command,
      ttl_ms: ttlMs,
      ...(robotType === undefined ? {} : { robot_type: robotType }),
      ...paramsOf(row),
    },
    expires_at: expiresAt(command),
    sender: row.sender,
    ...(streamId === undefined ? {} : { stream_id: streamId }),
    ...(seq === undefined ? {} : { seq }),
  };
}

function paramsOf({ params }: CommandRow): { params?: Record<string, unknown> } {
  return typeof params === "object" && params !== null ? { params: { ...params } } : {};
}

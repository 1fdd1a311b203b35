/** Commands: to the relay that has the robot, at most once and never late; every status is a row and an event. */
import { randomUUID } from "node:crypto";
import type { CommandRow } from "@physical-ai/db";
import {
  type CommandAccepted,
  type CommandRequest,
  type CommandStatus,
  type CommandUpdate,
  defaultCommandTtlMs,
  type Failure,
  failure,
  type RobotCommand,
  validate,
} from "@physical-ai/unity-protocol";
import type { BatchWriter } from "../batch-writer.ts";
import type { ForwardedCommand } from "../cluster/messages.ts";
import { toStorable } from "../ingest/storable.ts";

/** Who asks, and which packet made a policy ask. */
export interface CommandCause {
  sender: string;
  streamId?: string | undefined;
  seq?: number | undefined;
}

/** How the commander reaches the relay of a robot. */
export interface RelayLink {
  /** Relays of before do not answer. */
  answers: boolean;
  /** So many commands wait for its answer that it gets no more. */
  readonly busy: boolean;
  /** Resolves with the relay's answer; rejects when none comes in `timeoutMs`. */
  send(command: RobotCommand, timeoutMs: number): Promise<unknown>;
}

/** Who is told what becomes of commands. `askedBy` is the hub that forwarded it. */
export interface CommandAudience {
  commandUpdate(update: CommandUpdate, askedBy?: string): void;
}

/** How the commander reaches the hub that has a robot's relay. */
export interface RemoteHub {
  /** Returns false when it cannot be reached now. */
  send(command: ForwardedCommand): boolean;
}

/** Sends commands. */
export interface Commander {
  request(request: CommandRequest, cause: CommandCause): CommandAccepted | Failure;
  /** Another hub was asked, and this one has the relay. Returns where a command stands that is known already. */
  execute(command: ForwardedCommand, askedBy: string): CommandUpdate | undefined;
  /** Another hub says what became of a command. Returns whether that is news. */
  heard(update: CommandUpdate): boolean;
  /** Gives up on commands that another hub does not answer; to be called about every second. */
  tick(): void;
  readonly stats: { sent: number; acknowledged: number; underWay: number };
}

/** What every update of a command says. */
type CommandIdentity = Omit<CommandUpdate, "status" | "result">;

/** What is known of a command that came not long ago. */
interface RecentCommand {
  identity: CommandIdentity;
  status: CommandStatus;
  /** The hub that forwarded it: it is told, whether its viewers want that or not. */
  askedBy: string | undefined;
  expiresAt: number;
  /** Forgotten then, unless the command still lives. */
  until: number;
}

/** A command on its way. */
interface Command {
  row: CommandRow;
  ttlMs: number;
  /** The hub that forwarded it. */
  askedBy: string | undefined;
}

interface CommanderDependencies {
  findRelay: (robotId: string) => RelayLink | undefined;
  /** The hub to ask instead, where there is one. */
  findHub?: (robotId: string) => RemoteHub | undefined;
  fanOut: CommandAudience;
  writer: BatchWriter<CommandRow>;
  now?: () => number;
}

/** The way there and back of an answer, on top of a command's life. */
const answerGraceMs = 500;
/** How long after a command's life another hub's word is waited for. */
const remoteGraceMs = 1_500;
/** How long an id is remembered at least, and beyond the command's life: a request sent twice is executed once. */
const rememberedMs = 60_000;

/** Params wait in memory until the robot has answered and the database has them. */
const maxParamsLength = 64_000;

/** Makes the commander. */
export function createCommander({
  findRelay,
  findHub = () => undefined,
  fanOut,
  writer,
  now = Date.now,
}: CommanderDependencies): Commander {
  /** In the order of `until`. */
  const recent = new Map<string, RecentCommand>();
  /** Commands that went to another hub, until that says anything about them. */
  const forwarded = new Map<string, Command>();
  const stats = { sent: 0, acknowledged: 0, underWay: 0 };

  function become({ row, askedBy }: Command, status: CommandStatus, result?: unknown): void {
    const changed = { ...row, status, result, updatedAt: now() };
    const known = recent.get(row.commandId);
    if (known !== undefined) known.status = status;
    writer.add(changed, row.sender);
    const update = { ...identityOf(row), status };
    fanOut.commandUpdate(result === undefined ? update : { ...update, result }, known?.askedBy ?? askedBy);
  }

  async function send(relay: RelayLink, command: Command): Promise<void> {
    const { row, ttlMs } = command;
    stats.sent++;
    stats.underWay++;
    try {
      const answer = validate.robotAnswer(await relay.send(robotCommandOf(row, ttlMs), ttlMs + answerGraceMs));
      if (!answer.ok) return become(command, "failed", { problem: answer.problem });
      if (answer.value.status === "acknowledged") stats.acknowledged++;
      const result = toStorable(answer.value.result);
      if (result.ok) become(command, answer.value.status, answer.value.result);
      else become(command, answer.value.status, { problem: `the robot's answer cannot be stored: ${result.problem}` });
    } catch {
      if (relay.answers) become(command, "expired", { problem: "no answer from the relay" });
    } finally {
      stats.underWay--;
    }
  }

  function sendToRelay(command: Command): CommandAccepted | Failure {
    const { robotId, commandId } = command.row;
    const relay = findRelay(robotId);
    if (relay === undefined) {
      become(command, "rejected", { problem: "no relay has this robot now" });
      return failure("unknown_robot", `no relay has robot ${robotId} now; see /api/robots for those that are here`);
    }
    if (relay.busy) {
      become(command, "rejected", { problem: "too many commands wait for the relay's answer" });
      return failure("overloaded", `too many commands wait for an answer of robot ${robotId}'s relay; try later`);
    }
    become(command, "sent");
    void send(relay, command);
    return { ok: true, command_id: commandId, status: "sent" };
  }

  /** The hub with the relay says what becomes of the command, and writes it down. */
  function sendToHub(hub: RemoteHub, command: Command): CommandAccepted | Failure {
    const { robotId, commandId } = command.row;
    if (!hub.send(forwardedCommandOf(command))) {
      become(command, "rejected", { problem: "the hub that has this robot cannot be reached now" });
      return failure("unavailable", `the hub that has robot ${robotId} cannot be reached now; try a new command later`);
    }
    forwarded.set(commandId, command);
    return { ok: true, command_id: commandId, status: "sent" };
  }

  function keep(commandId: string, command: Omit<RecentCommand, "until">): void {
    recent.set(commandId, { ...command, until: now() + rememberedMs });
  }

  function remember({ row, ttlMs, askedBy }: Command): void {
    keep(row.commandId, { identity: identityOf(row), status: row.status, askedBy, expiresAt: row.createdAt + ttlMs });
  }

  function forgetOld(): void {
    for (const [commandId, command] of recent) {
      if (command.until > now()) return;
      recent.delete(commandId);
      if (command.expiresAt > now()) keep(commandId, command);
    }
  }

  return {
    request(request, cause) {
      forgetOld();
      const params = toStorable(request.params ?? {});
      if (!params.ok) return failure("unstorable", params.problem);
      if (params.blobs.length > 0) return failure("unstorable", "params cannot hold binary");
      if (params.json.length > maxParamsLength) {
        return failure("unstorable", `params may be at most ${maxParamsLength} characters of JSON`);
      }
      const commandId = request.command_id?.toLowerCase() ?? randomUUID();
      const before = recent.get(commandId);
      if (before !== undefined) return { ok: true, command_id: commandId, status: before.status };

      const ttlMs = request.ttl_ms ?? defaultCommandTtlMs;
      const command = { row: rowOf(request, cause, commandId, now()), ttlMs, askedBy: undefined };
      remember(command);
      const hub = findHub(request.robot_id);
      return hub === undefined ? sendToRelay(command) : sendToHub(hub, command);
    },
    execute({ request, expires_at: expiresAt, sender, stream_id: streamId, seq }, askedBy) {
      forgetOld();
      const { command_id: commandId } = request;
      const before = recent.get(commandId);
      if (before !== undefined) {
        before.askedBy ??= askedBy;
        return { ...before.identity, status: before.status };
      }
      // The asking hub's clock may be behind: a command never lives longer than it was given.
      const ttlMs = Math.min(request.ttl_ms, expiresAt - now());
      const command = { row: rowOf(request, { sender, streamId, seq }, commandId, now()), ttlMs, askedBy };
      remember(command);
      if (ttlMs > 0) sendToRelay(command);
      else become(command, "expired", { problem: "it came too late to the hub that has this robot" });
      return undefined;
    },
    heard({ result: _, status, ...identity }) {
      const { command_id: commandId } = identity;
      const isFirst = forwarded.delete(commandId);
      const before = recent.get(commandId);
      if (before === undefined) keep(commandId, { identity, status, askedBy: undefined, expiresAt: now() });
      else if (before.status === status) return isFirst;
      else before.status = status;
      return true;
    },
    tick() {
      for (const [commandId, command] of forwarded) {
        if (command.row.createdAt + command.ttlMs + remoteGraceMs > now()) continue;
        forwarded.delete(commandId);
        become(command, "expired", { problem: "no answer from the hub that has this robot" });
      }
    },
    stats,
  };
}

function rowOf(request: CommandRequest, cause: CommandCause, commandId: string, time: number): CommandRow {
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

function identityOf({ commandId, robotId, command, sender }: CommandRow): CommandIdentity {
  return { command_id: commandId, robot_id: robotId, action: command, sender };
}

function robotCommandOf(row: CommandRow, ttlMs: number): RobotCommand {
  const command: RobotCommand = {
    command_id: row.commandId,
    robot_id: row.robotId,
    action: row.command,
    expires_at: row.createdAt + ttlMs,
    ttl_ms: ttlMs,
  };
  if (row.robotType !== undefined) command.robot_type = row.robotType;
  if (typeof row.params === "object" && row.params !== null) command.params = { ...row.params };
  return command;
}

function forwardedCommandOf({ row, ttlMs }: Command): ForwardedCommand {
  const { commandId, robotId, robotType, params, streamId, seq } = row;
  return {
    request: {
      command_id: commandId,
      robot_id: robotId,
      action: row.command,
      ttl_ms: ttlMs,
      ...(robotType === undefined ? {} : { robot_type: robotType }),
      ...(typeof params === "object" && params !== null ? { params: { ...params } } : {}),
    },
    expires_at: row.createdAt + ttlMs,
    sender: row.sender,
    ...(streamId === undefined ? {} : { stream_id: streamId }),
    ...(seq === undefined ? {} : { seq }),
  };
}

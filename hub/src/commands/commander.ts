/** Commands: to the relay that has the robot, at most once and never late; every status is a row and an event. */
import { randomUUID } from "node:crypto";
import type { CommandRow } from "@physical-ai/db";
import {
  type CommandAccepted,
  type CommandRequest,
  type CommandStatus,
  defaultCommandTtlMs,
  type Failure,
  failure,
  type RobotCommand,
  validate,
} from "@physical-ai/unity-protocol";
import type { BatchWriter } from "../batch-writer.ts";
import { toStorable } from "../ingest/storable.ts";
import type { FanOut } from "../viewers/fan-out.ts";

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
  /** Resolves with the relay's answer; rejects when none comes in `timeoutMs`. */
  send(command: RobotCommand, timeoutMs: number): Promise<unknown>;
}

/** Sends commands. */
export interface Commander {
  request(request: CommandRequest, cause: CommandCause): CommandAccepted | Failure;
  readonly stats: { sent: number; acknowledged: number; underWay: number };
}

/** What is known of a command that came not long ago. */
interface RecentCommand {
  status: CommandStatus;
  expiresAt: number;
  /** Forgotten then, unless the command still lives. */
  until: number;
}

interface CommanderDependencies {
  findRelay: (robotId: string) => RelayLink | undefined;
  fanOut: Pick<FanOut, "commandUpdate">;
  writer: BatchWriter<CommandRow>;
  now?: () => number;
}

/** The way there and back of an answer, on top of a command's life. */
const answerGraceMs = 500;
/** How long an id is remembered at least, and beyond the command's life: a request sent twice is executed once. */
const rememberedMs = 60_000;

/** Makes the commander. */
export function createCommander({ findRelay, fanOut, writer, now = Date.now }: CommanderDependencies): Commander {
  /** In the order of `until`. */
  const recent = new Map<string, RecentCommand>();
  const stats = { sent: 0, acknowledged: 0, underWay: 0 };

  function become(row: CommandRow, status: CommandStatus, result?: unknown): void {
    const changed = { ...row, status, result, updatedAt: now() };
    const known = recent.get(row.commandId);
    if (known !== undefined) known.status = status;
    writer.add(changed);
    const update = {
      command_id: row.commandId,
      robot_id: row.robotId,
      action: row.command,
      sender: row.sender,
      status,
    };
    fanOut.commandUpdate(result === undefined ? update : { ...update, result });
  }

  async function send(relay: RelayLink, row: CommandRow, ttlMs: number): Promise<void> {
    stats.sent++;
    stats.underWay++;
    try {
      const answer = validate.robotAnswer(await relay.send(robotCommandOf(row, ttlMs), ttlMs + answerGraceMs));
      if (!answer.ok) return become(row, "failed", { problem: answer.problem });
      if (answer.value.status === "acknowledged") stats.acknowledged++;
      const result = toStorable(answer.value.result);
      if (result.ok) become(row, answer.value.status, answer.value.result);
      else become(row, answer.value.status, { problem: `the robot's answer cannot be stored: ${result.problem}` });
    } catch {
      if (relay.answers) become(row, "expired", { problem: "no answer from the relay" });
    } finally {
      stats.underWay--;
    }
  }

  function remember(commandId: string, command: Omit<RecentCommand, "until">): void {
    recent.set(commandId, { ...command, until: now() + rememberedMs });
  }

  function forgetOld(): void {
    for (const [commandId, command] of recent) {
      if (command.until > now()) return;
      recent.delete(commandId);
      if (command.expiresAt > now()) remember(commandId, command);
    }
  }

  return {
    request(request, cause) {
      forgetOld();
      const params = toStorable(request.params ?? {});
      if (!params.ok) return failure("unstorable", params.problem);
      if (params.blobs.length > 0) return failure("unstorable", "params cannot hold binary");
      const commandId = request.command_id?.toLowerCase() ?? randomUUID();
      const before = recent.get(commandId);
      if (before !== undefined) return { ok: true, command_id: commandId, status: before.status };

      const row = rowOf(request, cause, commandId, now());
      const ttlMs = request.ttl_ms ?? defaultCommandTtlMs;
      remember(commandId, { status: row.status, expiresAt: row.createdAt + ttlMs });
      const relay = findRelay(request.robot_id);
      if (relay === undefined) {
        become(row, "rejected", { problem: "no relay has this robot now" });
        return failure(
          "unknown_robot",
          `no relay has robot ${request.robot_id} now; see /api/robots for those that are here`,
        );
      }
      become(row, "sent");
      void send(relay, row, ttlMs);
      return { ok: true, command_id: commandId, status: "sent" };
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

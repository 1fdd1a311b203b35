/** Commands: to the relay that has the robot, here or at another hub, at most once and never late. */
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
} from "@physical-ai/unity-protocol";
import type { ForwardedCommand } from "../cluster/messages.ts";
import type { BatchWriter } from "../durable/batch-writer.ts";
import { type Command, type CommandCause, expiresAt, forwardedCommandOf, rowOf } from "./command.ts";
import { createDelivery, type Delivery, type DeliveryRoutes } from "./delivery.ts";
import { createLedger } from "./ledger.ts";
import type { CommandAudience, HubLink } from "./links.ts";
import { problemWithParams } from "./params.ts";
import { createRecentCommands } from "./recent-commands.ts";

/** Sends commands. */
export interface Commander extends Pick<Delivery, "receiveBytes"> {
  request(request: CommandRequest, cause: CommandCause): CommandAccepted | Failure;
  /** Another hub was asked, and this one has the relay. Returns where a command stands that is known already. */
  execute(command: ForwardedCommand, askedBy: string): CommandUpdate | undefined;
  /** Another hub says what became of a command. Returns whether that is news. */
  heard(update: CommandUpdate): boolean;
  /** Gives up on commands that workers and other hubs do not answer; to be called about every second. */
  tick(): void;
  readonly stats: CommanderStats;
}

/** How many commands have reached each status, and how many wait for an answer. */
export type CommanderStats = Readonly<Record<CommandStatus, number>> & { underWay: number };

interface CommanderDependencies {
  routes: DeliveryRoutes;
  /** The hub to ask instead, where there is one. */
  findHub?: (robotId: string) => HubLink | undefined;
  audience: CommandAudience;
  writer: Pick<BatchWriter<CommandRow>, "add">;
  now?: () => number;
}

/** How long after a command's life another hub's word is waited for. */
const remoteGraceMs = 1_500;

/** Makes the commander. */
export function createCommander({
  routes,
  findHub = () => undefined,
  audience,
  writer,
  now = Date.now,
}: CommanderDependencies): Commander {
  const recent = createRecentCommands(now);
  const ledger = createLedger({ recent, writer, audience, now });
  const delivery = createDelivery(ledger, routes, now);
  /** Commands that went to another hub, until that says anything about them. */
  const forwarded = new Map<string, Command>();

  /** The hub with the relay says what becomes of the command, and writes it down. */
  function forward(hub: HubLink, command: Command): CommandAccepted | Failure {
    const { robotId, commandId } = command.row;
    if (!hub.send(forwardedCommandOf(command))) {
      const message = `the hub that has robot ${robotId} cannot be reached now; try a new command later`;
      return ledger.reject(command, "the hub that has this robot cannot be reached now", "unavailable", message);
    }
    forwarded.set(commandId, command);
    return { ok: true, command_id: commandId, status: "sent" };
  }

  return {
    request(request, cause) {
      const problem = problemWithParams(request.params);
      if (problem !== undefined) return failure("unstorable", problem);
      const commandId = request.command_id?.toLowerCase() ?? randomUUID();
      const before = ledger.find(commandId);
      if (before !== undefined) return { ok: true, command_id: commandId, status: before.status };

      const ttlMs = request.ttl_ms ?? defaultCommandTtlMs;
      const command = { row: rowOf(request, cause, commandId, now()), ttlMs, askedBy: undefined };
      ledger.open(command);
      const hub = findHub(request.robot_id);
      return hub === undefined ? delivery.send(command) : forward(hub, command);
    },
    execute({ request, expires_at: until, sender, stream_id: streamId, seq }, askedBy) {
      const { command_id: commandId } = request;
      const before = ledger.find(commandId);
      if (before !== undefined) {
        before.askedBy ??= askedBy;
        return { ...before.identity, status: before.status };
      }
      // The asking hub's clock may be behind: a command never lives longer than it was given.
      const ttlMs = Math.min(request.ttl_ms, until - now());
      const command = { row: rowOf(request, { sender, streamId, seq }, commandId, now()), ttlMs, askedBy };
      ledger.open(command);
      if (ttlMs > 0) delivery.send(command);
      else ledger.become(command, "expired", { problem: "it came too late to the hub that has this robot" });
      return undefined;
    },
    heard({ result: _, status, ...identity }) {
      const isFirst = forwarded.delete(identity.command_id);
      const before = ledger.find(identity.command_id);
      if (before === undefined) recent.remember({ identity, status, askedBy: undefined, expiresAt: now() });
      else if (before.status === status) return isFirst;
      else before.status = status;
      return true;
    },
    receiveBytes: (bytes, workerId) => delivery.receiveBytes(bytes, workerId),
    tick() {
      delivery.tick();
      for (const [commandId, command] of forwarded) {
        if (expiresAt(command) + remoteGraceMs > now()) continue;
        forwarded.delete(commandId);
        ledger.become(command, "expired", { problem: "no answer from the hub that has this robot" });
      }
    },
    get stats() {
      return { ...ledger.counts, underWay: delivery.underWay };
    },
  };
}

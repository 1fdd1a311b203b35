/** Commands on the last of their way: to the relay, and through a worker where the robot understands only bytes. */
import { randomUUID } from "node:crypto";
import {
  type Accepted,
  type CommandAccepted,
  defaultCommandTtlMs,
  type Failure,
  failure,
  type HexToHub,
  preview,
  type RobotBytes,
  type RobotCommand,
  validate,
} from "@physical-ai/unity-protocol";
import { toStorable } from "../storable.ts";
import { type Command, expiresAt, robotBytesOf, robotCommandOf, rowOf } from "./command.ts";
import { createEncoding } from "./encoding.ts";
import { hexOf } from "./hex.ts";
import type { Ledger } from "./ledger.ts";
import type { Encoder, RelayLink } from "./links.ts";
import { problemWithParams } from "./params.ts";

/** Delivers commands to relays of this hub. */
export interface Delivery {
  send(command: Command): CommandAccepted | Failure;
  /** A worker has made bytes: of a command that it was given, or of its own accord, which is a command as well. */
  receiveBytes(bytes: HexToHub, workerId: string): Accepted | Failure;
  /** Gives up on workers that do not answer; to be called about every second. */
  tick(): void;
  /** Commands that wait for an answer of a relay or a worker. */
  readonly underWay: number;
}

/** Finds those to whom commands go. */
export interface DeliveryRoutes {
  /** The relay that has a robot. */
  findRelay: (robotId: string) => RelayLink | undefined;
  findRelayNamed: (relayId: string) => RelayLink | undefined;
  /** Who makes the bytes of a robot's commands, if anybody does; `takesCommands`: its relay could do without. */
  findEncoder: (robotId: string, robotType: string | undefined, takesCommands: boolean) => Encoder | undefined;
}

/** The way there and back of an answer, on top of a command's life. */
const answerGraceMs = 500;

/**
 * Tells `ledger` what becomes of every command. A relay or a worker with too many commands to answer gets no
 * more: they are rejected as `overloaded`.
 *
 * @param now the clock, in epoch milliseconds
 */
export function createDelivery(ledger: Ledger, routes: DeliveryRoutes, now: () => number): Delivery {
  const encoding = createEncoding(now);
  let waitingForRelays = 0;

  async function emit(relay: RelayLink, command: Command, message: RobotCommand | RobotBytes): Promise<void> {
    waitingForRelays++;
    try {
      const answer = validate.robotAnswer(await relay.send(message, message.ttl_ms + answerGraceMs));
      if (!answer.ok) return ledger.become(command, "failed", { problem: answer.problem });
      const { status, result } = answer.value;
      const storable = toStorable(result);
      const problem = storable.ok ? undefined : `the robot's answer cannot be stored: ${storable.problem}`;
      ledger.become(command, status, problem === undefined ? result : { problem });
    } catch {
      if (relay.answers) ledger.become(command, "expired", { problem: "no answer from the relay" });
    } finally {
      waitingForRelays--;
    }
  }

  function rejectBusy(command: Command, who: "relay" | "worker"): Failure {
    const message = `too many commands wait for an answer of robot ${command.row.robotId}'s ${who}; try later`;
    return ledger.reject(command, `too many commands wait for the ${who}'s answer`, "overloaded", message);
  }

  function sendBytes(command: Command, bytes: HexToHub): Accepted | Failure {
    const leftMs = expiresAt(command) - now();
    if (leftMs <= 0) {
      ledger.become(command, "expired", { problem: "the worker made its bytes too late" });
      return failure("invalid_message", `command ${command.row.commandId} has expired; its bytes came too late`);
    }
    const ofRobot = routes.findRelay(command.row.robotId);
    const relay = ofRobot?.relayId === bytes.relay_id ? ofRobot : routes.findRelayNamed(bytes.relay_id);
    if (relay === undefined) {
      const problem = `no relay ${bytes.relay_id} is here now`;
      return ledger.reject(command, problem, "unknown_robot", `${problem}; expected the id that it registered with`);
    }
    if (relay.busy) return rejectBusy(command, "relay");
    void emit(relay, command, robotBytesOf(command, bytes, leftMs));
    return { ok: true };
  }

  /** Bytes that nobody asked for are audited as a command of the worker's. */
  function beginOwn(bytes: HexToHub, hex: string, workerId: string): Command {
    const request = { robot_id: bytes.robot_id ?? bytes.relay_id, action: "hex", params: { payload: hex } };
    const commandId = bytes.command_id?.toLowerCase() ?? randomUUID();
    const row = rowOf(request, { sender: `worker:${workerId}` }, commandId, now());
    const command = { row, ttlMs: defaultCommandTtlMs, askedBy: undefined };
    ledger.open(command);
    ledger.become(command, "sent");
    return command;
  }

  return {
    send(command) {
      const { robotId, robotType, commandId } = command.row;
      const relay = routes.findRelay(robotId);
      if (relay === undefined) {
        const message = `no relay has robot ${robotId} now; see /api/robots for those that are here`;
        return ledger.reject(command, "no relay has this robot now", "unknown_robot", message);
      }
      if (relay.busy) return rejectBusy(command, "relay");
      const encoder = routes.findEncoder(robotId, robotType, relay.answers);
      if (encoder !== undefined && encoding.isFull(encoder)) return rejectBusy(command, "worker");
      ledger.become(command, "sent");
      if (encoder === undefined) void emit(relay, command, robotCommandOf(command));
      else encoding.begin(command, encoder, relay.relayId);
      return { ok: true, command_id: commandId, status: "sent" };
    },
    receiveBytes(bytes, workerId) {
      const hex = hexOf(bytes.payload);
      if (hex === undefined) {
        return failure("invalid_message", `hex_to_hub: expected hex text or bytes; got ${preview(bytes.payload)}`);
      }
      const problem = problemWithParams({ payload: hex });
      if (problem !== undefined) return failure("unstorable", problem);
      const asked = encoding.take(workerId, bytes);
      if (asked !== undefined) return sendBytes(asked, bytes);
      const before = bytes.command_id === undefined ? undefined : ledger.find(bytes.command_id.toLowerCase());
      if (before === undefined) return sendBytes(beginOwn(bytes, hex, workerId), bytes);
      const { identity, status } = before;
      return failure(
        "invalid_message",
        `command ${identity.command_id} does not wait for bytes of this worker; it is ${status} already`,
      );
    },
    tick() {
      for (const command of encoding.takeExpired()) {
        ledger.become(command, "expired", { problem: "no bytes from the worker" });
      }
    },
    get underWay() {
      return waitingForRelays + encoding.size;
    },
  };
}

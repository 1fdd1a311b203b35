/** Commands on the last of their way: to the relay, and through a worker where the robot understands only bytes. */
import {
  type Accepted,
  type CommandAccepted,
  type Failure,
  failure,
  type HexToHub,
  preview,
  type RobotBytes,
  type RobotCommand,
  validate,
} from "@physical-ai/unity-protocol";
import { toStorable } from "../storable.ts";
import { type Admit, problemWithParams } from "./admit.ts";
import type { Audit } from "./audit.ts";
import { type Command, expiresAt, robotBytesOf, robotCommandOf } from "./command.ts";
import { AwaitedBytes, type Encoder, hexOf, type MatchUnnamed } from "./robot-bytes.ts";

/** How to reach a relay. */
export interface RelayLink {
  readonly relayId: string;
  /** So many commands wait for its answer that it gets no more. */
  readonly busy: boolean;
  /** Resolves with the relay's answer, or `undefined` where it never gives one; rejects when none comes in time. */
  send(message: RobotCommand | RobotBytes, timeoutMs: number): Promise<{ answer: unknown } | undefined>;
  /** Who makes the bytes of its robots' commands where no worker offers to, if they need any. */
  findEncoder(robotId: string, robotType: string | undefined): Encoder | undefined;
}

/** The relays that are here. Holds connections, and closes none: whoever adds one takes it out when it ends. */
export class Relays {
  readonly #relays = new Set<RelayLink>();

  /** Adds one. The function that comes back takes it out again. */
  add(relay: RelayLink): () => void {
    this.#relays.add(relay);
    return () => void this.#relays.delete(relay);
  }

  /** Of several connections with one id the newest. */
  named(relayId: string): RelayLink | undefined {
    return [...this.#relays].findLast((relay) => relay.relayId === relayId);
  }
}

/** Finds those to whom commands go. */
export interface DeliveryRoutes {
  /** The relay that has a robot. */
  findRelay: (robotId: string) => RelayLink | undefined;
  findRelayNamed: (relayId: string) => RelayLink | undefined;
  /** The type that a robot's packets say, if it has sent any. */
  typeOf: (robotId: string) => string | undefined;
  /** Which worker offers to make the bytes of a robot's commands, if any does. */
  findEncoder: (robotId: string, robotType: string | undefined) => Encoder | undefined;
}

interface DeliveryDependencies {
  admit: Admit;
  audit: Audit;
  routes: DeliveryRoutes;
  matchUnnamed: MatchUnnamed;
  /** The clock, in epoch milliseconds. */
  now: () => number;
}

/** The way there and back of an answer, on top of a command's life. */
const answerGraceMs = 500;

/**
 * Delivers commands to relays of this hub, and audits what becomes of each. A relay or a worker with too many commands to
 * answer gets no more: they are rejected as `overloaded`.
 */
export class Delivery {
  readonly #admit: Admit;
  readonly #audit: Audit;
  readonly #routes: DeliveryRoutes;
  readonly #now: () => number;
  readonly #awaited: AwaitedBytes;
  #waitingForRelays = 0;

  constructor({ admit, audit, routes, matchUnnamed, now }: DeliveryDependencies) {
    this.#admit = admit;
    this.#audit = audit;
    this.#routes = routes;
    this.#now = now;
    this.#awaited = new AwaitedBytes(matchUnnamed, now);
  }

  send(command: Command): CommandAccepted | Failure {
    const { robotId, commandId } = command.row;
    const relay = this.#routes.findRelay(robotId);
    if (relay === undefined) {
      const message = `no relay has robot ${robotId} now; see /api/robots for those that are here`;
      return this.#audit.reject(command, "no relay has this robot now", "unknown_robot", message);
    }
    if (relay.busy) return this.#rejectBusy(command, "relay");
    const encoder = this.#findEncoder(command, relay);
    if (encoder !== undefined && this.#awaited.isFull(encoder)) return this.#rejectBusy(command, "worker");
    this.#audit.become(command, "sent");
    if (encoder === undefined) void this.#emit(relay, command, robotCommandOf(command));
    else this.#awaited.begin(command, encoder, relay.relayId);
    return { ok: true, command_id: commandId, status: "sent" };
  }

  /** A worker has made bytes: of a command that it was given, or of its own accord, which is a command as well. */
  receiveBytes(bytes: HexToHub, workerId: string): Accepted | Failure {
    const hex = hexOf(bytes.payload);
    if (hex === undefined) {
      return failure("invalid_message", `hex_to_hub: expected hex text or bytes; got ${preview(bytes.payload)}`);
    }
    // Before a command that waits is taken for them: bytes that cannot be kept must not use it up.
    const problem = problemWithParams({ payload: hex });
    if (problem !== undefined) return failure("unstorable", problem);
    const asked = this.#awaited.take(workerId, bytes);
    return asked === undefined ? this.#sendOwn(bytes, hex, workerId) : this.#sendBytes(asked, bytes);
  }

  /** Gives up on workers that do not answer; to be called about every second. */
  tick(): void {
    for (const command of this.#awaited.takeExpired()) {
      this.#audit.become(command, "expired", { problem: "no bytes from the worker" });
    }
  }

  /** Commands that wait for an answer of a relay or a worker. */
  get underWay(): number {
    return this.#waitingForRelays + this.#awaited.size;
  }

  #findEncoder({ row }: Command, relay: RelayLink): Encoder | undefined {
    const robotType = this.#routes.typeOf(row.robotId) ?? row.robotType;
    return this.#routes.findEncoder(row.robotId, robotType) ?? relay.findEncoder(row.robotId, robotType);
  }

  /** Bytes that nobody asked for are a command of the worker's. */
  #sendOwn(bytes: HexToHub, hex: string, workerId: string): Accepted | Failure {
    const { relay_id, robot_id = relay_id, command_id } = bytes;
    const request = { robot_id, action: "hex", params: { payload: hex }, ...(command_id && { command_id }) };
    const admission = this.#admit(request, { sender: `worker:${workerId}` });
    switch (admission.kind) {
      case "refused":
        return admission.refusal;
      case "known": {
        const { identity, status } = admission.known;
        const problem = `command ${identity.command_id} does not wait for bytes of this worker; it is ${status} already`;
        return failure("invalid_message", problem);
      }
      case "admitted":
        this.#audit.become(admission.command, "sent");
        return this.#sendBytes(admission.command, bytes);
    }
  }

  #sendBytes(command: Command, bytes: HexToHub): Accepted | Failure {
    const leftMs = expiresAt(command) - this.#now();
    if (leftMs <= 0) {
      this.#audit.become(command, "expired", { problem: "the worker made its bytes too late" });
      return failure("invalid_message", `command ${command.row.commandId} has expired; its bytes came too late`);
    }
    const ofRobot = this.#routes.findRelay(command.row.robotId);
    const relay = ofRobot?.relayId === bytes.relay_id ? ofRobot : this.#routes.findRelayNamed(bytes.relay_id);
    if (relay === undefined) {
      const problem = `no relay ${bytes.relay_id} is here now`;
      return this.#audit.reject(
        command,
        problem,
        "unknown_robot",
        `${problem}; expected the id that it registered with`,
      );
    }
    if (relay.busy) return this.#rejectBusy(command, "relay");
    void this.#emit(relay, command, robotBytesOf(command, bytes, leftMs));
    return { ok: true };
  }

  async #emit(relay: RelayLink, command: Command, message: RobotCommand | RobotBytes): Promise<void> {
    this.#waitingForRelays++;
    try {
      const answered = await relay.send(message, message.ttl_ms + answerGraceMs);
      if (answered !== undefined) this.#hear(command, answered.answer);
    } catch {
      this.#audit.become(command, "expired", { problem: "no answer from the relay" });
    } finally {
      this.#waitingForRelays--;
    }
  }

  #hear(command: Command, message: unknown): void {
    const answer = validate.robotAnswer(message);
    if (!answer.ok) {
      this.#audit.become(command, "failed", { problem: answer.problem });
      return;
    }
    const { status, result } = answer.value;
    const storable = toStorable(result);
    const problem = storable.ok ? undefined : `the robot's answer cannot be stored: ${storable.problem}`;
    this.#audit.become(command, status, problem === undefined ? result : { problem });
  }

  #rejectBusy(command: Command, who: "relay" | "worker"): Failure {
    const message = `too many commands wait for an answer of robot ${command.row.robotId}'s ${who}; try later`;
    return this.#audit.reject(command, `too many commands wait for the ${who}'s answer`, "overloaded", message);
  }
}

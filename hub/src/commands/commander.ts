/** Commands: to the relay that has the robot, here or at another hub, at most once and never late. */
import type { CommandRow } from "@physical-ai/db";
import type {
  Accepted,
  CommandAccepted,
  CommandRequest,
  CommandStatus,
  CommandUpdate,
  Failure,
  HexToHub,
} from "@physical-ai/unity-protocol";
import type { BatchWriter } from "../durable/batch-writer.ts";
import { type Admit, createAdmit } from "./admit.ts";
import { Audit, type CommandAudience } from "./audit.ts";
import { type Command, type CommandCause, expiresAt, type ForwardedCommand, forwardedCommandOf } from "./command.ts";
import { Delivery, type DeliveryRoutes, type RelayLink, Relays } from "./delivery.ts";
import { Encoders, type MatchUnnamed } from "./robot-bytes.ts";

/** How many commands have reached each status, and how many wait for an answer. */
export type CommanderStats = Readonly<Record<CommandStatus, number>> & { underWay: number };

/** How to reach the hub that has a robot's relay. */
export interface HubLink {
  /** Returns false when it cannot be reached now. */
  send(command: ForwardedCommand): boolean;
}

interface CommanderDependencies {
  routes: DeliveryRoutes;
  /** The hub to ask instead, where there is one. */
  findHub: (robotId: string) => HubLink | undefined;
  audience: CommandAudience;
  writer: Pick<BatchWriter<CommandRow>, "add">;
  matchUnnamed: MatchUnnamed;
  now?: () => number;
}

/** How long after a command's life another hub's word is waited for. */
const remoteGraceMs = 1_500;

export class Commander {
  readonly #findHub: CommanderDependencies["findHub"];
  readonly #now: () => number;
  readonly #audit: Audit;
  readonly #admit: Admit;
  readonly #delivery: Delivery;
  /** Commands that went to another hub, until that says anything about them. */
  readonly #forwarded = new Map<string, Command>();

  constructor({ routes, findHub, audience, writer, matchUnnamed, now = Date.now }: CommanderDependencies) {
    this.#findHub = findHub;
    this.#now = now;
    this.#audit = new Audit({ writer, audience, now });
    this.#admit = createAdmit(this.#audit, now);
    this.#delivery = new Delivery({ admit: this.#admit, audit: this.#audit, routes, matchUnnamed, now });
  }

  /** Somebody at this hub asks: a viewer, or a policy by its prediction. */
  request(request: CommandRequest, cause: CommandCause): CommandAccepted | Failure {
    const admission = this.#admit(request, cause);
    switch (admission.kind) {
      case "refused":
        return admission.refusal;
      case "known": {
        const { identity, status } = admission.known;
        return { ok: true, command_id: identity.command_id, status };
      }
      case "admitted": {
        const hub = this.#findHub(request.robot_id);
        return hub === undefined ? this.#delivery.send(admission.command) : this.#forward(hub, admission.command);
      }
    }
  }

  /** Another hub was asked, and this one has the relay. Returns where a command stands that is known or refused already. */
  execute(
    { request, expires_at, sender, stream_id, seq }: ForwardedCommand,
    askedBy: string,
  ): CommandUpdate | undefined {
    const cause = { sender, streamId: stream_id, seq, forwarded: { askedBy, expiresAt: expires_at } };
    const admission = this.#admit(request, cause);
    switch (admission.kind) {
      case "admitted":
        this.#delivery.send(admission.command);
        return undefined;
      case "known":
        admission.known.askedBy ??= askedBy;
        return { ...admission.known.identity, status: admission.known.status };
      case "refused": {
        if (admission.audited) return undefined;
        const { command_id, robot_id, action } = request;
        const result = { problem: admission.refusal.error.message };
        return { command_id, robot_id, action, sender, status: "rejected", result };
      }
    }
  }

  /** A worker has made bytes: of a command that it was given, or of its own accord, which is a command as well. */
  receiveBytes(bytes: HexToHub, workerId: string): Accepted | Failure {
    return this.#delivery.receiveBytes(bytes, workerId);
  }

  /** Another hub says what became of a command. Returns whether that is news. */
  heard({ result: _, status, ...identity }: CommandUpdate): boolean {
    const isFirst = this.#forwarded.delete(identity.command_id);
    const known = this.#audit.find(identity.command_id);
    if (known === undefined) {
      this.#audit.remember({ identity, status, askedBy: undefined, expiresAt: this.#now() });
    } else if (known.status === status) return isFirst;
    else known.status = status;
    return true;
  }

  /** Gives up on commands that workers and other hubs do not answer; to be called about every second. */
  tick(): void {
    this.#delivery.tick();
    for (const [commandId, command] of this.#forwarded) {
      if (expiresAt(command) + remoteGraceMs > this.#now()) continue;
      this.#forwarded.delete(commandId);
      this.#audit.become(command, "expired", { problem: "no answer from the hub that has this robot" });
    }
  }

  get stats(): CommanderStats {
    return { ...this.#audit.counts, underWay: this.#delivery.underWay };
  }

  /** The hub with the relay says what becomes of the command, and writes it down. */
  #forward(hub: HubLink, command: Command): CommandAccepted | Failure {
    const { robotId, commandId } = command.row;
    if (!hub.send(forwardedCommandOf(command))) {
      const message = `the hub that has robot ${robotId} cannot be reached now; try a new command later`;
      return this.#audit.reject(command, "the hub that has this robot cannot be reached now", "unavailable", message);
    }
    this.#forwarded.set(commandId, command);
    return { ok: true, command_id: commandId, status: "sent" };
  }
}

/** The commander, and the registers of those whom it asks. */
interface CommandPath {
  commander: Commander;
  relays: Relays;
  encoders: Encoders;
}

/** Where robots are. */
interface RobotDirectory {
  /** The relay of this hub that has the robot. */
  relayOf(robotId: string): RelayLink | undefined;
  typeOf(robotId: string): string | undefined;
  /** The hub that has it, where no relay of this one has it or knows it better. */
  hubOf(robotId: string): string | undefined;
}

interface CommandPathDependencies extends Pick<CommanderDependencies, "audience" | "writer" | "matchUnnamed"> {
  robots: RobotDirectory;
  /** Returns false when the other hub cannot be reached now. */
  forward: (hubId: string, command: ForwardedCommand) => boolean;
}

export function createCommandPath({ robots, forward, ...rest }: CommandPathDependencies): CommandPath {
  const relays = new Relays();
  const encoders = new Encoders();
  const commander = new Commander({
    ...rest,
    routes: {
      findRelay: (robotId) => robots.relayOf(robotId),
      findRelayNamed: (relayId) => relays.named(relayId),
      typeOf: (robotId) => robots.typeOf(robotId),
      findEncoder: (robotId, robotType) => encoders.find(robotId, robotType),
    },
    findHub(robotId) {
      const hubId = robots.hubOf(robotId);
      return hubId === undefined ? undefined : { send: (command) => forward(hubId, command) };
    },
  });
  return { commander, relays, encoders };
}

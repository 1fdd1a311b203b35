/** A relay: sends packets, hands commands to its robots. */
import type { Failure, Registration, RobotBytes, RobotCommand, Stored } from "@physical-ai/unity-protocol";
import type { RelayLink, Relays } from "../commands/delivery.ts";
import type { Ingest, IngestSession } from "../durable/ingest.ts";
import type { Robots } from "../live/robots.ts";
import type { HubPacket } from "../packet.ts";
import type { ClientSocket } from "./socket.ts";

export interface RelayDependencies {
  ingest: Ingest;
  robots: Robots<RelayLink>;
  relays: Relays;
}

export type RelayRegistration = Registration & { role: "relay" };

/** One relay may not fill the register that all share. Packets of more robots are stored and shown all the same. */
const maxRobotsPerRelay = 5_000;

/** A command waits for its answer as long as it lives, which may be an hour. */
const maxUnansweredCommands = 1_000;

/** The hub's side of a relay that has registered. */
export class RelayClient {
  readonly role = "relay";
  readonly #robots: Robots<RelayLink>;
  readonly #link: RelayLink;
  readonly #streamId: string | undefined;
  readonly #session: IngestSession;
  readonly #known: Set<string>;
  readonly #leaveRelays: () => void;
  #gone = false;

  constructor({ ingest, robots, relays }: RelayDependencies, registration: RelayRegistration, link: RelayLink) {
    this.#robots = robots;
    this.#link = link;
    this.#streamId = registration.stream_id;
    this.#session = ingest.openSession(link.relayId, (packet) => this.#saw(packet));
    this.#known = new Set(registration.robots?.slice(0, maxRobotsPerRelay));
    robots.announce([...this.#known], link.relayId, link);
    this.#leaveRelays = relays.add(link);
  }

  /** Finds or begins the relay's stream; resolves with its committed seq, if it has one, or why it cannot have it. */
  async resume(): Promise<number | undefined | Failure> {
    return this.#streamId === undefined ? undefined : this.#session.openStream(this.#streamId);
  }

  receive(message: unknown): Promise<Stored | Failure> {
    return this.#session.receive(message);
  }

  leave(): void {
    this.#gone = true;
    this.#leaveRelays();
    this.#robots.relayLeft(this.#link);
  }

  /** What it sent last may be taken in after it has gone, and what it kept for long says nothing about now. */
  #saw({ packet, live }: HubPacket): void {
    if (this.#gone || !live) return;
    if (this.#known.size < maxRobotsPerRelay) this.#known.add(packet.robot_id);
    if (this.#known.has(packet.robot_id)) this.#robots.saw(packet, this.#link.relayId, this.#link);
  }
}

/** Commands to a relay over its connection. */
export class RelaySocketLink implements RelayLink {
  readonly relayId: string;
  readonly #socket: ClientSocket;
  #unanswered = 0;

  constructor(socket: ClientSocket, relayId: string) {
    this.#socket = socket;
    this.relayId = relayId;
  }

  get busy(): boolean {
    return this.#unanswered >= maxUnansweredCommands;
  }

  async send(message: RobotCommand | RobotBytes, timeoutMs: number): Promise<{ answer: unknown }> {
    this.#unanswered++;
    try {
      return { answer: await this.#socket.timeout(timeoutMs).emitWithAck("send_to_robot", message) };
    } finally {
      this.#unanswered--;
    }
  }

  /** Its robots understand commands. */
  findEncoder(): undefined {
    return undefined;
  }
}

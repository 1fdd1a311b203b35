/** A relay: sends packets, hands commands to its robots. */
import type { Failure, Registration, RobotBytes, RobotCommand, Stored } from "@physical-ai/unity-protocol";
import type { RelayLink, Relays } from "../commands/delivery.ts";
import type { Ingest } from "../durable/ingest.ts";
import type { Robots } from "../live/robots.ts";
import type { ClientSocket } from "../socket-server.ts";

/** A registered relay. */
export interface RelayClient {
  role: "relay";
  /** Finds or begins the relay's stream; resolves with its committed seq, if it has one, or why it cannot have it. */
  resume(): Promise<number | undefined | Failure>;
  receive(message: unknown): Promise<Stored | Failure>;
  leave(): void;
}

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

/** The hub's side of a relay that has registered. */
export function createRelayClient(
  { ingest, robots, relays }: RelayDependencies,
  registration: RelayRegistration,
  link: RelayLink,
): RelayClient {
  const { relayId } = link;
  const known = new Set(registration.robots?.slice(0, maxRobotsPerRelay));
  robots.announce([...known], relayId, link);
  const leaveRelays = relays.add(link);
  let gone = false;
  const session = ingest.openSession(relayId, ({ packet, live }) => {
    // What it sent last may be taken in after it has gone, and what it kept for long says nothing about now.
    if (gone || !live) return;
    if (known.size < maxRobotsPerRelay) known.add(packet.robot_id);
    if (known.has(packet.robot_id)) robots.saw(packet, relayId, link);
  });

  return {
    role: "relay",
    resume: async () => (registration.stream_id === undefined ? undefined : session.openStream(registration.stream_id)),
    receive: (message) => session.receive(message),
    leave() {
      gone = true;
      leaveRelays();
      robots.relayLeft(link);
    },
  };
}

/** A relay: sends packets, hands commands to its robots. */
import type { Failure, Registration, Stored } from "@physical-ai/unity-protocol";
import type { RelayLink } from "../commands/links.ts";
import type { Relays } from "../commands/relays.ts";
import type { Ingest } from "../durable/ingest.ts";
import type { Robots } from "../live/robots/robots.ts";
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

/** One relay may not fill the register that all share. Packets of more robots are stored and shown all the same. */
const maxRobotsPerRelay = 5_000;

/** A command waits for its answer as long as it lives, which may be an hour. */
const maxUnansweredCommands = 1_000;

/** Makes the hub's side of a relay that has registered. */
export function createRelayClient(
  { ingest, robots, relays }: RelayDependencies,
  socket: ClientSocket,
  registration: Registration & { role: "relay" },
): RelayClient {
  const relayId = registration.id;
  let unanswered = 0;
  const link: RelayLink = {
    relayId,
    answers: registration.protocol !== undefined,
    get busy() {
      return unanswered >= maxUnansweredCommands;
    },
    async send(message, timeoutMs) {
      unanswered++;
      try {
        const answer = await socket.timeout(timeoutMs).emitWithAck("send_to_robot", message);
        if (registration.protocol === undefined) throw new Error("relays of before answer with anything");
        return answer;
      } finally {
        unanswered--;
      }
    },
  };
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

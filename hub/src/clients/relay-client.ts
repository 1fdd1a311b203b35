/** A relay: sends packets, hands commands to its robots. */
import type { Failure, Packet, Registration, Stored } from "@physical-ai/unity-protocol";
import type { RelayLink } from "../commands/commander.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Robots } from "../robots/robots.ts";
import type { ClientSocket } from "./socket.ts";

/** A registered relay. */
export interface RelayClient {
  role: "relay";
  /** Finds or begins the relay's stream; resolves with its committed seq, if it has one. */
  resume(): Promise<number | undefined>;
  receive(message: unknown): Promise<Stored | Failure>;
  leave(): void;
}

/** How the rest of the hub names a relay: packets of its session carry this. */
export interface RelayHandle extends RelayLink {
  relayId: string;
}

interface RelayDependencies {
  ingest: Ingest;
  robots: Robots<RelayHandle>;
}

/** One relay may not fill the register that all share. Packets of more robots are stored and shown all the same. */
const maxRobotsPerRelay = 5_000;

/** A command waits for its answer as long as it lives, which may be an hour. */
const maxUnansweredCommands = 1_000;

/** Makes the hub's side of a relay that has registered. */
export function createRelayClient(
  { ingest, robots }: RelayDependencies,
  socket: ClientSocket,
  registration: Registration & { role: "relay" },
): RelayClient {
  const relayId = registration.id;
  let unanswered = 0;
  const handle: RelayHandle = {
    relayId,
    answers: registration.protocol !== undefined,
    get busy() {
      return unanswered >= maxUnansweredCommands;
    },
    async send(command, timeoutMs) {
      unanswered++;
      try {
        const answer = await socket.timeout(timeoutMs).emitWithAck("send_to_robot", command);
        if (registration.protocol === undefined) throw new Error("relays of before answer with anything");
        return answer;
      } finally {
        unanswered--;
      }
    },
  };
  const known = new Set(registration.robots?.slice(0, maxRobotsPerRelay));
  robots.announce([...known], relayId, handle);
  let gone = false;
  const session = ingest.createSession(relayId, (packet: Packet) => {
    // What it sent last may be taken in after it has gone.
    if (gone) return;
    if (known.size < maxRobotsPerRelay) known.add(packet.robot_id);
    if (known.has(packet.robot_id)) robots.saw(packet, relayId, handle);
  });

  return {
    role: "relay",
    resume: async () => (registration.stream_id === undefined ? undefined : session.openStream(registration.stream_id)),
    receive: (message) => session.receive(message),
    leave() {
      gone = true;
      robots.relayLeft(handle);
    },
  };
}

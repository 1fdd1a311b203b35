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

/** Makes the hub's side of a relay that has registered. */
export function createRelayClient(
  { ingest, robots }: RelayDependencies,
  socket: ClientSocket,
  registration: Registration & { role: "relay" },
): RelayClient {
  const relayId = registration.id;
  const handle: RelayHandle = {
    relayId,
    answers: registration.protocol !== undefined,
    send: (command, timeoutMs) => {
      if (registration.protocol !== undefined) return socket.timeout(timeoutMs).emitWithAck("send_to_robot", command);
      socket.emit("send_to_robot", command, () => undefined);
      return Promise.reject(new Error("relays of before do not answer"));
    },
  };
  const session = ingest.createSession(relayId, (packet: Packet) => robots.saw(packet, relayId, handle));
  robots.announce(registration.robots ?? [], relayId, handle);

  return {
    role: "relay",
    resume: async () => (registration.stream_id === undefined ? undefined : session.openStream(registration.stream_id)),
    receive: (message) => session.receive(message),
    leave: () => robots.relayLeft(handle),
  };
}

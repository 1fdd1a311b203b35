/** The hub's end of a client's connection. */
import type { ClientToHubEvents, HubToClientEvents } from "@physical-ai/unity-protocol";
import type { DefaultEventsMap, Server, Socket } from "socket.io";
import type { Visitor } from "../access/access.ts";

/** What a socket carries from its handshake on. */
export interface SocketData {
  visitor: Visitor;
}

export type HubServer = Server<ClientToHubEvents, HubToClientEvents, DefaultEventsMap, SocketData>;
export type ClientSocket = Socket<ClientToHubEvents, HubToClientEvents, DefaultEventsMap, SocketData>;

/** Messages that may wait in the server's own buffer of a connection before the hub holds the rest back itself. */
const maxBuffered = 32;

/** How far a client is behind. Socket.IO itself would buffer without bound. */
export interface Backpressure {
  /** To be called before each message. */
  sending(): void;
  /** False while the client does not read as fast as it is sent to. */
  readonly writable: boolean;
  /** Stops watching; the connection itself may live on. */
  stop(): void;
}

/** Watches a connection; `onDrained` is called when everything that was sent has left the hub. */
export function watchBackpressure(socket: ClientSocket, onDrained: () => void = () => undefined): Backpressure {
  let buffered = 0;
  // The event comes at once while the transport can write, and late when it could not.
  const drained = () => {
    const wasBehind = buffered > 1;
    buffered = 0;
    if (wasBehind) onDrained();
  };
  socket.conn.on("drain", drained);
  return {
    sending: () => {
      buffered++;
    },
    get writable() {
      return socket.connected && buffered < maxBuffered;
    },
    stop: () => socket.conn.off("drain", drained),
  };
}

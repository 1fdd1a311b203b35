/** The hub's end of a client's connection: what goes over it, and how far the client is behind what it is sent. */
import type { ClientToHubEvents, HubToClientEvents } from "@physical-ai/unity-protocol";
import type { Server, Socket } from "socket.io";
import type { Visitor } from "./access/access.ts";

/** What a socket carries from its handshake on. */
interface SocketData {
  visitor: Visitor;
}

/** Between hubs; see `cluster/messages.ts`. */
interface HubToHubEvents {
  hub_to_hub: (message: unknown) => void;
}

export type HubServer = Server<ClientToHubEvents, HubToClientEvents, HubToHubEvents, SocketData>;

export type ClientSocket = Socket<ClientToHubEvents, HubToClientEvents, HubToHubEvents, SocketData>;

/** What may wait in the server's own buffer of a connection before the hub holds the rest back itself. */
const roomy = { messages: 32, bytes: 1_000_000 };

/** What the hub must know to hold back: Socket.IO itself would buffer without bound. */
export class Backpressure {
  readonly #socket: ClientSocket;
  readonly #onDrained: () => void;
  readonly #unread = { messages: 0, bytes: 0 };
  readonly #created = ({ data }: { data?: unknown }) => {
    this.#unread.messages++;
    if (typeof data === "string" || data instanceof Uint8Array) this.#unread.bytes += data.length;
  };
  // The event comes at once while the transport can write, and late when it could not.
  readonly #drained = () => {
    const wasFull = this.#isFull();
    this.#unread.messages = 0;
    this.#unread.bytes = 0;
    if (wasFull) this.#onDrained();
  };

  /** `onDrained` is called when the connection has been unwritable and everything has left the buffer. */
  constructor(socket: ClientSocket, onDrained: () => void = () => undefined) {
    this.#socket = socket;
    this.#onDrained = onDrained;
    socket.conn.on("packetCreate", this.#created);
    socket.conn.on("drain", this.#drained);
  }

  /** False while the client does not read as fast as it is sent to. */
  get writable(): boolean {
    return this.#socket.connected && !this.#isFull();
  }

  /** What waits in the server's buffer of the connection, whatever it is. */
  get unread(): { readonly messages: number; readonly bytes: number } {
    return this.#unread;
  }

  /** Stops watching; the connection itself may live on. */
  stop(): void {
    this.#socket.conn.off("packetCreate", this.#created);
    this.#socket.conn.off("drain", this.#drained);
  }

  #isFull(): boolean {
    return this.#unread.messages >= roomy.messages || this.#unread.bytes >= roomy.bytes;
  }
}

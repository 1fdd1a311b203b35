/** How far a client is behind what it is sent. */
import type { ClientSocket } from "../socket-server.ts";

/** What may wait in the server's own buffer of a connection before the hub holds the rest back itself. */
const roomy = { messages: 32, bytes: 1_000_000 };

/** What the hub must know to hold back: Socket.IO itself would buffer without bound. */
export interface Backpressure {
  /** False while the client does not read as fast as it is sent to. */
  readonly writable: boolean;
  /** What waits in the server's buffer of the connection, whatever it is. */
  readonly unread: { readonly messages: number; readonly bytes: number };
  /** Stops watching; the connection itself may live on. */
  stop(): void;
}

/** Watches a connection; `onDrained` is called when it has been unwritable and everything has left the buffer. */
export function watchBackpressure(socket: ClientSocket, onDrained: () => void = () => undefined): Backpressure {
  const unread = { messages: 0, bytes: 0 };
  const isFull = () => unread.messages >= roomy.messages || unread.bytes >= roomy.bytes;
  const created = ({ data }: { data?: unknown }) => {
    unread.messages++;
    if (typeof data === "string" || data instanceof Uint8Array) unread.bytes += data.length;
  };
  // The event comes at once while the transport can write, and late when it could not.
  const drained = () => {
    const wasFull = isFull();
    unread.messages = 0;
    unread.bytes = 0;
    if (wasFull) onDrained();
  };
  socket.conn.on("packetCreate", created);
  socket.conn.on("drain", drained);
  return {
    get writable() {
      return socket.connected && !isFull();
    },
    unread,
    stop() {
      socket.conn.off("packetCreate", created);
      socket.conn.off("drain", drained);
    },
  };
}

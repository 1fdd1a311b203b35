/** The two ways in which attackers speak: through the usual client library, and by hand. */
import { io } from "socket.io-client";
import { type Frame, framesOf, readFrames } from "./frames.ts";
import { type Outcome, openWireClient, type WireClient } from "./wire-client.ts";

/** One attacker's connection. Whoever opens it closes it. */
export interface Attacker {
  readonly open: boolean;
  /** What the hub will see of an event; `undefined` where it can read nothing. */
  seen(event: string, args: readonly unknown[]): unknown[] | undefined;
  /** Sends an event that asks for an acknowledgement. */
  ask(event: string, args: readonly unknown[]): Promise<Outcome>;
  /** Sends one that does not. */
  tell(event: string, args: readonly unknown[]): void;
  /** By hand only: for frames and bytes that the library would not send. */
  wire: WireClient | undefined;
  close(): void;
}

const patienceMs = 10_000;

/** Speaks by hand. */
export async function openByHand(url: string, handshake: string): Promise<Attacker> {
  const wire = await openWireClient(url, handshake);
  let lastId = 0;
  const framesWithId = (event: string, args: readonly unknown[], id: number): Frame[] => framesOf(event, args, { id });
  return {
    get open() {
      return wire.open;
    },
    seen: (event, args) => readFrames(framesOf(event, args)),
    ask(event, args) {
      lastId++;
      return wire.ask(lastId, framesWithId(event, args, lastId));
    },
    tell: (event, args) => wire.send(framesOf(event, args)),
    wire,
    close: () => wire.close(),
  };
}

/** The library does not send these. */
const reservedEvents = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);
const sendable = (event: string) => (reservedEvents.has(event) ? `no ${event}` : event);

/** Speaks through socket.io-client. */
export async function openWithLibrary(url: string, handshake: string): Promise<Attacker> {
  const auth = readAuth(handshake);
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, auth });
  await new Promise<void>((resolve) => {
    socket.once("connect", resolve).once("connect_error", () => resolve());
  });
  return {
    get open() {
      return socket.connected;
    },
    seen: (event, args) => readFrames(framesOf(event, args, { unwritable: false })),
    async ask(event, args) {
      if (!socket.connected) return { kind: "closed" };
      try {
        return { kind: "answered", answer: await socket.timeout(patienceMs).emitWithAck(sendable(event), ...args) };
      } catch {
        return { kind: socket.connected ? "silent" : "closed" };
      }
    },
    tell: (event, args) => void socket.emit(sendable(event), ...args),
    wire: undefined,
    close: () => void socket.disconnect(),
  };
}

/** The library sends objects only. */
function readAuth(handshake: string): Record<string, unknown> {
  const payload: unknown = handshake === "" ? {} : JSON.parse(handshake);
  return typeof payload === "object" && payload !== null && !Array.isArray(payload) ? { ...payload } : {};
}

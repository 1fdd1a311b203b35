/** A socket to one server, which comes back by itself after the server was away. */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { Dealer } from "zeromq";
import { noticeVanished } from "./tcp.ts";

const reconnectMs = 100;
const longestReconnectMs = 1_000;
/** Answers that may wait inside ZeroMQ: they can be large. */
const receiveQueue = 16;
/** A server that sends so many messages more than it was asked for is left alone for a while. */
const mostUnasked = 32;
const leftAloneMs = 5_000;

interface ConnectionOptions {
  /** `tcp://host:port` or `ipc://path` */
  readonly endpoint: string;
  /** A server that sends a larger frame is cut off. */
  readonly maxFrameBytes: number;
}

/** Told in the order in which it happens. */
interface ConnectionEvents {
  /** Requests can be sent. */
  onUp(): void;
  /** No more answers come to what was sent. */
  onDown(): void;
  /** Returns whether somebody waited for it. */
  onAnswer(frames: Buffer[]): boolean;
}

/** Whoever opens it closes it. */
interface Connection {
  /**
   * Hands a request to ZeroMQ.
   *
   * @throws Error when there is no server, or it does not read
   */
  send(frames: readonly Buffer[]): Promise<void>;
  close(): void;
}

/**
 * Connects in the background.
 *
 * @throws Error when the endpoint is none
 */
export function openConnection({ endpoint, maxFrameBytes }: ConnectionOptions, events: ConnectionEvents): Connection {
  const socket = new Dealer({
    sendTimeout: 0,
    linger: 0,
    maxMessageSize: maxFrameBytes,
    reconnectInterval: reconnectMs,
    reconnectMaxInterval: longestReconnectMs,
    receiveHighWaterMark: receiveQueue,
    ...noticeVanished,
  });
  let up = false;
  /** Requests that went out and were not answered. Late answers are owed too: below zero is what nobody asked for. */
  let owed = 0;

  async function receive(): Promise<void> {
    // A REP server takes the empty frame for the end of the address, and sends it back.
    for await (const [, ...frames] of socket) {
      owed -= 1;
      if (events.onAnswer(frames)) {
        owed = Math.max(owed, 0);
        continue;
      }
      if (owed < -mostUnasked) await renew(leftAloneMs);
      // Everything else in this process comes in between, however fast a server sends what nobody waits for.
      await nextTurn();
    }
  }

  async function watch(): Promise<void> {
    for await (const { type } of socket.events) {
      if (type === "handshake") {
        up = true;
        owed = 0;
        events.onUp();
      } else if (type === "disconnect") {
        // The last answers came before this news; both may be waiting now.
        await nextTurn();
        await renew(reconnectMs);
      }
    }
  }

  /**
   * Not left to ZeroMQ, which would send what it still holds to a server that comes much later, and would never try
   * again at one that broke its protocol, as by a frame that is too large.
   */
  async function renew(pauseMs: number): Promise<void> {
    if (!up) return;
    up = false;
    events.onDown();
    if (!socket.closed) socket.disconnect(endpoint);
    await sleep(pauseMs);
    if (!socket.closed) socket.connect(endpoint);
  }

  try {
    void watch();
    socket.connect(endpoint);
    void receive();
  } catch (error) {
    socket.close();
    throw new Error(`expected an endpoint such as tcp://localhost:5555; got ${endpoint}`, { cause: error });
  }
  return {
    async send(frames) {
      await socket.send(["", ...frames]);
      owed += 1;
    },
    close: () => socket.close(),
  };
}

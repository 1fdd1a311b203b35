/** A socket to one server, which comes back by itself after the server was away. */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { Dealer } from "zeromq";

const reconnectMs = 100;
const longestReconnectMs = 1_000;
/** A machine that vanishes closes no connection: ZeroMQ's own heartbeat finds that out. */
const heartbeatMs = 1_000;
const heartbeatTimeoutMs = 5_000;

export interface ConnectionOptions {
  /** `tcp://host:port` or `ipc://path` */
  readonly endpoint: string;
  /** A server that sends a larger frame is cut off. */
  readonly maxFrameBytes: number;
}

/** Told in the order in which it happens. */
export interface ConnectionEvents {
  /** Requests can be sent. */
  onUp(): void;
  /** No more answers come to what was sent. */
  onDown(): void;
  onAnswer(frames: Buffer[]): void;
}

/** Whoever opens it closes it. */
export interface Connection {
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
    heartbeatInterval: heartbeatMs,
    heartbeatTimeout: heartbeatTimeoutMs,
  });

  async function receive(): Promise<void> {
    // A REP server takes the empty frame for the end of the address, and sends it back.
    for await (const [, ...frames] of socket) events.onAnswer(frames);
  }

  async function watch(): Promise<void> {
    let up = false;
    for await (const { type } of socket.events) {
      if (type === "handshake") {
        up = true;
        events.onUp();
      } else if (type === "disconnect" && up) {
        up = false;
        // The last answers came before this news; both may be waiting now.
        await nextTurn();
        events.onDown();
        await renew();
      }
    }
  }

  /**
   * Not left to ZeroMQ, which would send what it still holds to a server that comes much later, and would never try
   * again at one that broke its protocol, as by a frame that is too large.
   */
  async function renew(): Promise<void> {
    if (!socket.closed) socket.disconnect(endpoint);
    await sleep(reconnectMs);
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
    send: async (frames) => socket.send(["", ...frames]),
    close: () => socket.close(),
  };
}

/** A client's socket to one server, which comes back by itself after the server was away. */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { clientSocket } from "./sockets.ts";

/** Before the endpoint of a server that went away is tried again. */
const awayMs = 100;
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

/** Connects in the background. Whoever opens it closes it. */
export class Connection {
  readonly #endpoint: string;
  readonly #events: ConnectionEvents;
  readonly #socket: ReturnType<typeof clientSocket>;
  #up = false;
  /** Requests that went out and were not answered. Late answers are owed too: below zero is what nobody asked for. */
  #owed = 0;

  /** @throws Error when the endpoint is none */
  constructor({ endpoint, maxFrameBytes }: ConnectionOptions, events: ConnectionEvents) {
    this.#endpoint = endpoint;
    this.#events = events;
    this.#socket = clientSocket(maxFrameBytes);
    try {
      void this.#watch();
      this.#socket.connect(endpoint);
      void this.#receive();
    } catch (error) {
      this.#socket.close();
      throw new Error(`expected an endpoint such as tcp://localhost:5555; got ${endpoint}`, { cause: error });
    }
  }

  /**
   * Hands a request to ZeroMQ.
   *
   * @throws Error when there is no server, or it does not read
   */
  async send(frames: readonly Buffer[]): Promise<void> {
    await this.#socket.send(["", ...frames]);
    this.#owed += 1;
  }

  close(): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    // A REP server takes the empty frame for the end of the address, and sends it back.
    for await (const [, ...frames] of this.#socket) {
      this.#owed -= 1;
      if (this.#events.onAnswer(frames)) {
        this.#owed = Math.max(this.#owed, 0);
        continue;
      }
      if (this.#owed < -mostUnasked) await this.#renew(leftAloneMs);
      // Everything else in this process comes in between, however fast a server sends what nobody waits for.
      await nextTurn();
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#socket.events) {
      if (type === "handshake") {
        this.#up = true;
        this.#owed = 0;
        this.#events.onUp();
      } else if (type === "disconnect") {
        // The last answers came before this news; both may be waiting now.
        await nextTurn();
        await this.#renew(awayMs);
      }
    }
  }

  /**
   * Not left to ZeroMQ, which would send what it still holds to a server that comes much later, and would never try
   * again at one that broke its protocol, as by a frame that is too large.
   */
  async #renew(pauseMs: number): Promise<void> {
    if (!this.#up) return;
    this.#up = false;
    this.#events.onDown();
    if (!this.#socket.closed) this.#socket.disconnect(this.#endpoint);
    await sleep(pauseMs);
    if (!this.#socket.closed) this.#socket.connect(this.#endpoint);
  }
}

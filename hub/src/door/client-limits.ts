/** What one client may ask of the hub, whether it keeps to that, and what happens when it does not. */
import { type ErrorCode, type Failure, failure } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { Tally } from "../observations.ts";
import { Backpressure, type ClientSocket } from "./socket.ts";

/** Bounds of a client; beyond them it is refused or dismissed, so that it costs others nothing. */
export interface ClientLimits {
  /** Events of any kind; what comes on top is answered `overloaded`, and nothing is done for it. */
  eventsPerSecond: number;
  commandsPerSecond: number;
  /** Wrong messages in a row, without a right one between them, in so short a time: then the client is dismissed. */
  wrongInARow: number;
  wrongWithinMs: number;
  /** A client that has not registered by then is dismissed. */
  registerWithinMs: number;
  /** A client that does not read is dismissed when so much waits for it. */
  maxUnread: { messages: number; bytes: number };
}

export const defaultClientLimits: ClientLimits = {
  eventsPerSecond: 20_000,
  commandsPerSecond: 200,
  wrongInARow: 100,
  wrongWithinMs: 10_000,
  registerWithinMs: 30_000,
  maxUnread: { messages: 20_000, bytes: 16_000_000 },
};

const turnedAwayReasons = [
  /** A web page of another origin. */
  "origin",
  /** No token, or one that is not valid. */
  "unauthorized",
  /** The token could not be checked. */
  "unavailable",
  /** It did not register in time. */
  "not_registered",
  /** It sent nothing but wrong messages. */
  "wrong_messages",
  /** It did not read what it was sent. */
  "unread",
] as const;

/** Connections that the hub did not accept, or closed itself, by what was the matter. */
export class TurnedAway extends Tally<(typeof turnedAwayReasons)[number]> {
  constructor() {
    super(turnedAwayReasons);
  }
}

/** What every event is answered with. */
export type Answer = { ok: true } | Failure;

/** Answers to messages that would not be right a moment later either. */
const wrongCodes: ReadonlySet<ErrorCode> = new Set(["invalid_message", "not_registered", "forbidden"]);

/** Keeps an eye on one client, from when it has connected. */
export class Conduct {
  readonly #socket: ClientSocket;
  readonly #limits: ClientLimits;
  readonly #turnedAway: TurnedAway;
  readonly #logger: Logger;
  readonly #rate: TokenBucket;
  readonly #strikes: Strikes;
  readonly #backpressure: Backpressure;
  readonly #registration: NodeJS.Timeout;
  readonly #onCreated = () => this.#closeUnread();
  #underWay = 0;

  constructor(socket: ClientSocket, limits: ClientLimits, turnedAway: TurnedAway, logger: Logger) {
    this.#socket = socket;
    this.#limits = limits;
    this.#turnedAway = turnedAway;
    this.#logger = logger;
    this.#rate = new TokenBucket(limits.eventsPerSecond);
    this.#strikes = new Strikes(limits.wrongInARow, limits.wrongWithinMs);
    this.#backpressure = new Backpressure(socket);
    socket.conn.on("packetCreate", this.#onCreated);
    const { registerWithinMs } = limits;
    this.#registration = setTimeout(() => {
      const problem = `expected register within ${registerWithinMs} ms; none came`;
      this.#dismiss("not_registered", failure("not_registered", problem));
    }, registerWithinMs);
  }

  /** To be asked before each event; a failure when too many came. */
  refusal(): Failure | undefined {
    if (this.#rate.take()) return undefined;
    const { eventsPerSecond } = this.#limits;
    return failure("overloaded", `expected at most ${eventsPerSecond} events a second; more came. Send fewer`);
  }

  /** A message of the contract is being handled; its answer goes to `answered`. */
  handling(): void {
    this.#underWay++;
  }

  /** Notes what a message that was being handled is answered with. */
  answered(answer: Answer): void {
    this.#underWay--;
    const wrong = !answer.ok && wrongCodes.has(answer.error.code);
    if (!this.#strikes.note(wrong) || answer.ok) return;
    const { code, message } = answer.error;
    const problem = `the last ${this.#limits.wrongInARow} messages were all wrong; the last: ${message}`;
    // By then wrong ones have their answers, and what is still under way is right.
    setImmediate(() => {
      if (this.#underWay === 0) this.#dismiss("wrong_messages", failure(code, problem));
    });
  }

  registered(): void {
    clearTimeout(this.#registration);
  }

  /** The client has left. */
  stop(): void {
    clearTimeout(this.#registration);
    this.#socket.conn.off("packetCreate", this.#onCreated);
    this.#backpressure.stop();
  }

  /** Says why, and closes the connection. */
  #dismiss(why: "not_registered" | "wrong_messages", reason: Failure): void {
    if (!this.#socket.connected) return;
    this.#turnedAway.add(why);
    this.#logger.warn({ client: this.#socket.id, why, problem: reason.error.message }, "dismissed a client");
    this.#socket.emit("dismissed", reason);
    this.#socket.disconnect(true);
  }

  /** Saying why would only be one more thing that the client does not read. */
  #closeUnread(): void {
    const { unread } = this.#backpressure;
    const { maxUnread } = this.#limits;
    if (unread.messages <= maxUnread.messages && unread.bytes <= maxUnread.bytes) return;
    const { conn, id } = this.#socket;
    conn.off("packetCreate", this.#onCreated);
    this.#turnedAway.add("unread");
    const facts = { client: id, unread_messages: unread.messages, unread_bytes: unread.bytes };
    this.#logger.warn(facts, "closed the connection of a client that does not read");
    // Whoever sends just now sends to others as well.
    setImmediate(() => {
      conn.request.socket.destroy();
      conn.close(true);
    });
  }
}

/** Tells a client that makes a mistake now and then from one that sends nothing but garbage. */
export class Strikes {
  readonly #inARow: number;
  readonly #withinMs: number;
  readonly #now: () => number;
  #count = 0;
  #since = 0;

  /** @param now a clock in milliseconds */
  constructor(inARow: number, withinMs: number, now: () => number = () => performance.now()) {
    this.#inARow = inARow;
    this.#withinMs = withinMs;
    this.#now = now;
  }

  /** Notes a message. Returns true when there were too many wrong ones in a row in too short a time. */
  note(wrong: boolean): boolean {
    if (!wrong) {
      this.#count = 0;
      return false;
    }
    const time = this.#now();
    if (this.#count === 0 || time - this.#since > this.#withinMs) {
      this.#count = 0;
      this.#since = time;
    }
    this.#count++;
    return this.#count >= this.#inARow;
  }
}

/** So many events a second, and as many at once after a pause. It begins full. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** @param now a clock in milliseconds */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = perSecond;
    this.#filledAt = now();
  }

  /** True when one more may pass now. */
  take(): boolean {
    const time = this.#now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((time - this.#filledAt) / 1_000) * this.#perSecond);
    this.#filledAt = time;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

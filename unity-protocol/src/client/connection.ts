/** A client's connection to the hub: connects, registers, keeps the clock, comes back after every loss. */
import { io, type Socket } from "socket.io-client";
import { Decoder, Encoder } from "socket.io-parser";
import { isFinal } from "../acknowledgement.ts";
import type { ClientToHubEvents, HubToClientEvents } from "../events.ts";
import { validate } from "../messages.ts";
import { maxBinariesPerPacket, maxPacketsPerBatch } from "../packet.ts";
import type { Registered, Registration } from "../registration.ts";
import { type ClockSample, HubClock, keptSamples } from "./clock.ts";
import { describeRefusal, parseRefusal, type Refusal, type RefusalStage } from "./refusal.ts";

const answerTimeoutMs = 10_000;
const clockTimeoutMs = 5_000;
const defaultClockIntervalMs = 30_000;
const refusedRetryMs = 5_000;

/** A Socket.IO client socket with the contract's events. */
export type HubSocket = Socket<HubToClientEvents, ClientToHubEvents>;

/** By default Socket.IO takes ten attachments a message; an array of packets may carry more pictures than that. */
class BatchDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: maxPacketsPerBatch * maxBinariesPerPacket });
  }
}

/** Where the hub is, how to tell it who we are, and who wants to know what becomes of it. */
export interface HubConnectionOptions {
  /** `http://host:port` */
  url: string;
  /** Proves role and id; not needed where the operator allows anonymous clients. */
  token?: string | undefined;
  /** Asked anew at each connect. */
  registration: () => Registration;
  /** The hub accepted the registration: at the first connect and after each reconnect. */
  onRegistered: (registered: Registered) => void;
  /** The connection is gone; it comes back by itself. */
  onLost?: (reason: string) => void;
  /** The hub did not accept us, sent us away, or could not be reached; tried again by itself, see `retryFinal`. */
  onRefused?: (refusal: Refusal, stage: RefusalStage) => void;
  /** The hub told its time. */
  onClock?: (sample: ClockSample) => void;
  /** How often the hub is asked for its time; 30,000 when missing. */
  clockIntervalMs?: number;
  /**
   * Whether to come back after a refusal that trying again does not cure (`isFinal`): true when missing, for programs,
   * whose operator may mend it at the hub. A page waits until somebody asks for `connect`.
   */
  retryFinal?: boolean;
}

/** A connection that lives until `close`. It runs in Node and in the browser. */
export class HubConnection {
  readonly socket: HubSocket;
  readonly clock = new HubClock();
  readonly #options: HubConnectionOptions;
  readonly #asking: ReturnType<typeof setInterval>;
  #registered = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The hub has said that it will not have us. */
  #unwanted = false;

  constructor(options: HubConnectionOptions) {
    this.#options = options;
    this.socket = io(options.url, {
      transports: ["websocket"],
      auth: options.token === undefined ? {} : { token: options.token },
      reconnectionDelay: 200,
      reconnectionDelayMax: 3_000,
      forceNew: true,
      parser: { Encoder, Decoder: BatchDecoder },
    });
    this.socket.on("connect", () => this.#register());
    this.socket.on("dismissed", (came: unknown) => {
      const reason = validate.dismissal(came);
      this.#refused(reason.ok ? reason.value.error : { message: reason.problem }, "dismissal");
    });
    this.socket.on("disconnect", (reason) => {
      this.#registered = false;
      options.onLost?.(reason);
      // After that Socket.IO does not come back by itself.
      if (reason === "io server disconnect") this.#retryLater();
    });
    this.socket.on("connect_error", (error) => {
      // Socket.IO goes on trying only while nobody has answered.
      this.#refused(parseRefusal(error.message), this.socket.active ? "unreachable" : "handshake");
      if (!this.socket.active) this.#retryLater();
    });
    this.#asking = setInterval(() => {
      if (this.#registered) void answered(this.#askTheTime());
    }, options.clockIntervalMs ?? defaultClockIntervalMs);
  }

  /** True from the hub's acceptance until the connection is lost. */
  get registered(): boolean {
    return this.#registered;
  }

  /** Tries again at once, whatever the hub has said. */
  connect(): void {
    this.#unwanted = false;
    clearTimeout(this.#retry);
    this.socket.connect();
  }

  /** Asks the hub for its time until nothing older is known; rejects when it does not say it. */
  async renewClock(): Promise<void> {
    for (let asked = 0; asked < keptSamples; asked += 1) await this.#askTheTime();
  }

  close(): void {
    clearInterval(this.#asking);
    clearTimeout(this.#retry);
    this.socket.disconnect();
  }

  /** What `registration` and `onRegistered` throw is their owner's mistake: it must be heard, so nothing catches it. */
  async #register(): Promise<void> {
    // Before the registration, whose answer may wait for the database and then says little about the time.
    void answered(this.#askTheTime());
    const sentAt = performance.now();
    const asked = this.socket.timeout(answerTimeoutMs).emitWithAck("register", this.#options.registration());
    const came: unknown = await answered(asked);
    if (came === undefined) {
      if (this.socket.connected) this.#leave({ message: `no answer to register within ${answerTimeoutMs} ms` });
      return;
    }
    const answer = validate.registered(came);
    if (!answer.ok) return this.#leave({ message: answer.problem });
    if (!answer.value.ok) return this.#leave(answer.value.error);
    this.#heardTheTime(sentAt, answer.value.server_time);
    this.#registered = true;
    this.#options.onRegistered(answer.value);
  }

  #leave(refusal: Refusal): void {
    this.#refused(refusal, "registration");
    this.socket.disconnect();
    this.#retryLater();
  }

  #refused(refusal: Refusal, stage: RefusalStage): void {
    this.#unwanted = refusal.code !== undefined && isFinal(refusal.code);
    this.#options.onRefused?.(refusal, stage);
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    if (this.#unwanted && this.#options.retryFinal === false) return;
    this.#retry = setTimeout(() => this.connect(), refusedRetryMs);
  }

  async #askTheTime(): Promise<void> {
    const sentAt = performance.now();
    const reading = validate.clockReading(await this.socket.timeout(clockTimeoutMs).emitWithAck("clock"));
    if (!reading.ok) throw new Error(reading.problem);
    if (!reading.value.ok) throw new Error(describeRefusal(reading.value.error));
    this.#heardTheTime(sentAt, reading.value.server_time);
  }

  #heardTheTime(sentAt: number, serverTime: number): void {
    const sample = { sentAt, serverTime, receivedAt: performance.now() };
    this.clock.add(sample);
    this.#options.onClock?.(sample);
  }
}

/** Opens a connection to the hub. Whoever opens it closes it. */
export function connectToHub(options: HubConnectionOptions): HubConnection {
  return new HubConnection(options);
}

/** The answer; nothing when none came in time, or one that does not help. */
async function answered(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch(() => undefined);
}

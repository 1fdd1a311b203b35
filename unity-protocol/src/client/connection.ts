/** A client's connection to the hub: connects, registers, keeps the clock, comes back after every loss. */
import { io, type Socket } from "socket.io-client";
import { Decoder, Encoder } from "socket.io-parser";
import type { ClientToHubEvents, HubToClientEvents } from "../events.ts";
import { validate } from "../messages.ts";
import { maxBinariesPerPacket, maxPacketsPerBatch } from "../packet.ts";
import type { Registered, Registration } from "../registration.ts";
import { HubClock, keptSamples } from "./clock.ts";
import { describeRefusal, parseRefusal, type Refusal } from "./refusal.ts";

const answerTimeoutMs = 10_000;
const clockTimeoutMs = 5_000;
const clockIntervalMs = 30_000;
const refusedRetryMs = 5_000;

/** A Socket.IO client socket with the contract's events. */
export type HubSocket = Socket<HubToClientEvents, ClientToHubEvents>;

/** By default Socket.IO takes ten attachments a message; an array of packets may carry more pictures than that. */
class BatchDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: maxPacketsPerBatch * maxBinariesPerPacket });
  }
}

/** Where the hub is and how to tell it who we are. */
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
  /** The hub did not accept us, or could not be reached; tried again by itself. */
  onRefused?: (refusal: Refusal) => void;
}

/** A connection that lives until `close`. */
export interface HubConnection {
  readonly socket: HubSocket;
  readonly clock: HubClock;
  /** True from the hub's acceptance until the connection is lost. */
  readonly registered: boolean;
  /** Asks the hub for its time until nothing older is known; rejects when it does not say it. */
  renewClock(): Promise<void>;
  close(): void;
}

/** Opens a connection to the hub. Whoever opens it closes it. */
export function connectToHub(options: HubConnectionOptions): HubConnection {
  const socket: HubSocket = io(options.url, {
    transports: ["websocket"],
    auth: options.token === undefined ? {} : { token: options.token },
    reconnectionDelay: 200,
    reconnectionDelayMax: 3_000,
    forceNew: true,
    parser: { Encoder, Decoder: BatchDecoder },
  });
  const clock = new HubClock();
  let registered = false;
  let retry: NodeJS.Timeout | undefined;

  const retryLater = () => {
    clearTimeout(retry);
    retry = setTimeout(() => socket.connect(), refusedRetryMs);
  };
  const refuse = (refusal: Refusal) => {
    options.onRefused?.(refusal);
    socket.disconnect();
    retryLater();
  };

  const askTheTime = async () => {
    const sentAt = performance.now();
    const reading = validate.clockReading(await socket.timeout(clockTimeoutMs).emitWithAck("clock"));
    if (!reading.ok) throw new Error(reading.problem);
    if (!reading.value.ok) throw new Error(describeRefusal(reading.value.error));
    clock.add({ sentAt, serverTime: reading.value.server_time, receivedAt: performance.now() });
  };

  // What `registration` and `onRegistered` throw is their owner's mistake: it must be heard, so nothing catches it here.
  socket.on("connect", async () => {
    // Before the registration, whose answer may wait for the database and then says little about the time.
    void answered(askTheTime());
    const sentAt = performance.now();
    const asked = socket.timeout(answerTimeoutMs).emitWithAck("register", options.registration());
    const came: unknown = await answered(asked);
    if (came === undefined) {
      if (socket.connected) refuse({ message: `no answer to register within ${answerTimeoutMs} ms` });
      return;
    }
    const answer = validate.registered(came);
    if (!answer.ok) return refuse({ message: answer.problem });
    if (!answer.value.ok) return refuse(answer.value.error);
    clock.add({ sentAt, serverTime: answer.value.server_time, receivedAt: performance.now() });
    registered = true;
    options.onRegistered(answer.value);
  });
  socket.on("dismissed", (came: unknown) => {
    const reason = validate.dismissal(came);
    options.onRefused?.(reason.ok ? reason.value.error : { message: reason.problem });
  });
  socket.on("disconnect", (reason) => {
    registered = false;
    options.onLost?.(reason);
    if (reason === "io server disconnect") retryLater();
  });
  socket.on("connect_error", (error) => {
    options.onRefused?.(parseRefusal(error.message));
    if (!socket.active) retryLater();
  });

  const asking = setInterval(() => {
    if (registered) void answered(askTheTime());
  }, clockIntervalMs);

  return {
    socket,
    clock,
    get registered() {
      return registered;
    },
    async renewClock() {
      for (let asked = 0; asked < keptSamples; asked += 1) await askTheTime();
    },
    close() {
      clearInterval(asking);
      clearTimeout(retry);
      socket.disconnect();
    },
  };
}

/** The answer; nothing when none came in time, or one that does not help. */
async function answered(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch(() => undefined);
}

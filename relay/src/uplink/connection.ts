/** The relay's connection to the hub: it comes back, is given up when nothing comes back over it, and tells. */
import { HubOutageLog } from "@physical-ai/service";
import { type Batch, isFinal, type Registered, type Registration } from "@physical-ai/unity-protocol";
import { connectToHub, describeRefusal, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import type { CommandExecutor } from "../commands/command-executor.ts";
import { LivenessProbe } from "./liveness-probe.ts";

/** How long a batch may wait for its acknowledgement before it is sent again. */
const acknowledgementTimeoutMs = 15_000;
/** When no acknowledgement has come for so long, the hub is asked for its time … */
const quietMs = 5_000;
/** … which it says within this time, or the connection is dead. */
const answerTimeoutMs = 5_000;

interface WatchedConnectionOptions {
  /** `http://host:port` */
  url: string;
  token?: string | undefined;
  /** Asked anew at each connect. */
  registration: () => Registration;
  /** The hub has taken us: after each connect. */
  onRegistered: (registered: Registered) => void;
  /** The connection is gone; it comes back by itself. */
  onLost: () => void;
  /** The hub will never take us as we are; tried again all the same. */
  onRejected: (problem: string) => void;
}

/** Lives until `close`. */
export class WatchedConnection {
  readonly #connection: HubConnection;
  readonly #probe: LivenessProbe;
  #heardAt = performance.now();

  constructor({ logger }: { logger: Logger }, options: WatchedConnectionOptions) {
    const meanwhile = "packets wait in the relay's log";
    const outages = new HubOutageLog(logger, { hub: options.url, role: "relay", meanwhile });
    this.#connection = connectToHub({
      ...options,
      onRegistered: (registered) => {
        this.#heard();
        outages.over({ committed_seq: registered.committed_seq ?? 0 });
        options.onRegistered(registered);
      },
      onLost: (reason) => {
        outages.lost(reason);
        options.onLost();
      },
      onRefused: (refusal) => {
        outages.refused(refusal);
        const isAtTheDoor = !this.registered;
        const { code } = refusal;
        if (isAtTheDoor && code !== undefined && isFinal(code)) options.onRejected(describeRefusal(refusal));
      },
    });
    const { socket } = this.#connection;
    socket.io.on("ping", () => this.#heard());
    const ask = () => socket.timeout(answerTimeoutMs).emitWithAck("clock");
    const onDead = () => {
      outages.lost("nothing comes back over it");
      // Not `disconnect`, after which Socket.IO does not come back by itself.
      socket.io.engine.close();
    };
    this.#probe = new LivenessProbe({ ask, onDead }, quietMs);
  }

  /** True while the hub has us. */
  get registered(): boolean {
    return this.#connection.registered;
  }

  /** The hub's time now, epoch milliseconds, as estimated. */
  get hubNow(): number {
    return this.#connection.clock.now();
  }

  /** Hub time minus ours in milliseconds, as estimated. */
  get clockOffsetMs(): number {
    return this.#connection.clock.offsetMs;
  }

  /** Milliseconds since the hub was last heard, or since the connection was opened. */
  get silentMs(): number {
    return performance.now() - this.#heardAt;
  }

  /** Resolves with the hub's acknowledgement; rejects when none came. Not `async`: that would hold on to the packets. */
  send(batch: Batch): Promise<unknown> {
    const { answer, settle } = expectAnswer();
    this.#connection.socket.timeout(acknowledgementTimeoutMs).emit("relay_to_hub", batch, settle);
    return this.#probe.watch(answer).then((came) => {
      this.#heard();
      return came;
    });
  }

  /** Asks the hub for its time; rejects when it does not say it. */
  renewClock(): Promise<void> {
    return this.#connection.renewClock();
  }

  /** Resolves when the present connection is lost. */
  lost(): Promise<void> {
    return new Promise((resolve) => this.#connection.socket.once("disconnect", () => resolve()));
  }

  /** Commands from the hub go there. */
  onCommand(execute: CommandExecutor["execute"]): void {
    this.#connection.socket.on("send_to_robot", async (message, answer) => {
      const robotAnswer = await execute(message);
      answer?.(robotAnswer);
    });
  }

  close(): void {
    this.#connection.close();
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }
}

/** An acknowledgement to come. Socket.IO's own promise would hold on to the packets until it has come. */
function expectAnswer() {
  let settle: (...came: unknown[]) => void = () => undefined;
  const answer = new Promise<unknown>((resolve, reject) => {
    // With a timeout Socket.IO says first what went wrong, null when nothing did.
    settle = (error, acknowledgement) => (error === null ? resolve(acknowledgement) : reject(error));
  });
  return { answer, settle };
}

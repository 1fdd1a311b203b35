/** The relay's link to the hub: a connection that comes back, is given up when nothing comes back over it, and tells. */
import { createHubOutageLog } from "@physical-ai/service";
import { type Batch, isFinal, type Registered, type Registration } from "@physical-ai/unity-protocol";
import { connectToHub, describeRefusal, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import type { CommandExecutor } from "../commands/command-executor.ts";
import { createLinkProbe } from "./link-probe.ts";

/** How long a batch may wait for its acknowledgement before it is sent again. */
const acknowledgementTimeoutMs = 15_000;
/** When no acknowledgement has come for so long, the hub is asked for its time … */
const quietMs = 5_000;
/** … which it says within this time, or the link is dead. */
const answerTimeoutMs = 5_000;

export interface HubLinkOptions {
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

/** A link that lives until `close`. Its clock is an estimate of the hub's. */
export interface HubLink extends Pick<HubConnection, "clock" | "registered" | "renewClock"> {
  /** Milliseconds since the hub was last heard, or since the link was opened. */
  readonly silentMs: number;
  /** Resolves with the hub's acknowledgement; rejects when none came. */
  send(batch: Batch): Promise<unknown>;
  /** Resolves when the present connection is lost. */
  lost(): Promise<void>;
  /** Commands from the hub go there. */
  onCommand(execute: CommandExecutor): void;
  close(): void;
}

/** Opens the link. Whoever opens it closes it. */
export function openHubLink({ logger }: { logger: Logger }, options: HubLinkOptions): HubLink {
  const meanwhile = "packets wait in the relay's log";
  const outages = createHubOutageLog(logger, { hub: options.url, role: "relay", meanwhile });
  let heardAt = performance.now();
  const heard = () => {
    heardAt = performance.now();
  };
  const connection = connectToHub({
    ...options,
    onRegistered(registered) {
      heard();
      outages.over({ committed_seq: registered.committed_seq ?? 0 });
      options.onRegistered(registered);
    },
    onLost(reason) {
      outages.lost(reason);
      options.onLost();
    },
    onRefused(refusal) {
      outages.refused(refusal);
      const isAtTheDoor = !connection.registered;
      const { code } = refusal;
      if (isAtTheDoor && code !== undefined && isFinal(code)) options.onRejected(describeRefusal(refusal));
    },
  });
  const { socket, clock } = connection;
  socket.io.on("ping", heard);
  const ask = () => socket.timeout(answerTimeoutMs).emitWithAck("clock");
  const probe = createLinkProbe({ ask, onDead: connectAnew }, quietMs);

  /** Not `disconnect`, after which Socket.IO does not come back by itself. */
  function connectAnew(): void {
    outages.lost("nothing comes back over it");
    socket.io.engine.close();
  }

  return {
    clock,
    get registered() {
      return connection.registered;
    },
    get silentMs() {
      return performance.now() - heardAt;
    },
    send(batch) {
      const { answer, settle } = expectAnswer();
      socket.timeout(acknowledgementTimeoutMs).emit("relay_to_hub", batch, settle);
      return probe.watch(answer).then((came) => {
        heard();
        return came;
      });
    },
    renewClock: () => connection.renewClock(),
    lost: () => new Promise((resolve) => socket.once("disconnect", () => resolve())),
    onCommand(execute) {
      socket.on("send_to_robot", async (message, answer) => {
        const robotAnswer = await execute(message);
        answer?.(robotAnswer);
      });
    },
    close: () => connection.close(),
  };
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

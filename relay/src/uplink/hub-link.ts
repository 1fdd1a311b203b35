/** The relay's link to the hub: a connection that comes back, is given up when nothing comes back over it, and tells. */
import { createHubOutageLog } from "@physical-ai/service";
import { type Batch, type Registered, type Registration, validate } from "@physical-ai/unity-protocol";
import { connectToHub, describeFailure, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import type { CommandExecutor } from "../commands/command-executor.ts";
import { createLinkProbe } from "./link-probe.ts";

/** How long a batch may wait for its acknowledgement before it is sent again. */
const acknowledgementTimeoutMs = 15_000;
/** When no acknowledgement has come for so long, the hub is asked for its time … */
const quietMs = 5_000;
/** … which it says within this time, or the link is dead. */
const answerTimeoutMs = 5_000;
/** The clock believes the best of its last eight questions: after so many it knows nothing older. */
const questionsAnew = 8;
/** What the hub says to who must not come; trying again does not cure it. */
const rejections = ["unauthorized", "forbidden", "invalid_message"];

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
export interface HubLink extends Pick<HubConnection, "clock" | "registered"> {
  /** Milliseconds since the hub was last heard, or since the link was opened. */
  readonly silentMs: number;
  /** Resolves with the hub's acknowledgement; rejects when none came. */
  send(batch: Batch): Promise<unknown>;
  /** Forgets what was known of the hub's time, and asks it anew; rejects when the hub does not answer. */
  renewClock(): Promise<void>;
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
    onRefused(problem) {
      outages.refused(problem);
      const isAtTheDoor = !connection.registered;
      if (isAtTheDoor && rejections.some((code) => problem.startsWith(`${code}: `))) options.onRejected(problem);
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

  async function renewClock(): Promise<void> {
    for (let question = 1; question <= questionsAnew; question += 1) {
      const sentAt = performance.now();
      const answer = validate.clockReading(await ask());
      if (!answer.ok) throw new Error(answer.problem);
      if (!answer.value.ok) throw new Error(describeFailure(answer.value));
      clock.add({ sentAt, serverTime: answer.value.server_time, receivedAt: performance.now() });
    }
  }

  return {
    clock,
    get registered() {
      return connection.registered;
    },
    get silentMs() {
      return performance.now() - heardAt;
    },
    async send(batch) {
      const answer = await probe.watch(socket.timeout(acknowledgementTimeoutMs).emitWithAck("relay_to_hub", batch));
      heard();
      return answer;
    },
    renewClock,
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

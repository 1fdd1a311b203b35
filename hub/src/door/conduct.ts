/** Whether a client keeps to its limits, and what happens when it does not. */
import { type ErrorCode, type Failure, failure } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { ClientSocket } from "../socket-server.ts";
import { watchBackpressure } from "./backpressure.ts";
import type { ClientLimits } from "./limits.ts";
import { createStrikes } from "./strikes.ts";
import { createTokenBucket } from "./token-bucket.ts";
import type { TurnedAway } from "./turned-away.ts";

/** What every event is answered with. */
export type Answer = { ok: true } | Failure;

/** Keeps an eye on one client. */
export interface Conduct {
  /** To be asked before each event; a failure when too many came. */
  refusal(): Failure | undefined;
  /** A message of the contract is being handled; returns what its answer goes to. */
  handling(): (answer: Answer) => void;
  registered(): void;
  /** The client has left. */
  stop(): void;
}

/** Answers to messages that would not be right a moment later either. */
const wrongCodes: ReadonlySet<ErrorCode> = new Set(["invalid_message", "not_registered", "forbidden"]);

/** Begins to watch a client that has just connected. */
export function watchConduct(
  socket: ClientSocket,
  limits: ClientLimits,
  turnedAway: TurnedAway,
  logger: Logger,
): Conduct {
  const { eventsPerSecond, wrongInARow, wrongWithinMs, registerWithinMs, maxUnread } = limits;
  const rate = createTokenBucket(eventsPerSecond);
  const strikes = createStrikes(wrongInARow, wrongWithinMs);
  let underWay = 0;
  const { unread, stop } = watchBackpressure(socket);
  socket.conn.on("packetCreate", closeUnread);
  const registration = setTimeout(() => {
    dismiss("not_registered", failure("not_registered", `expected register within ${registerWithinMs} ms; none came`));
  }, registerWithinMs);

  /** Says why, and closes the connection. */
  function dismiss(why: "not_registered" | "wrong_messages", reason: Failure): void {
    if (!socket.connected) return;
    turnedAway.add(why);
    logger.warn({ client: socket.id, why, problem: reason.error.message }, "dismissed a client");
    socket.emit("dismissed", reason);
    socket.disconnect(true);
  }

  /** Saying why would only be one more thing that the client does not read. */
  function closeUnread(): void {
    if (unread.messages <= maxUnread.messages && unread.bytes <= maxUnread.bytes) return;
    socket.conn.off("packetCreate", closeUnread);
    turnedAway.add("unread");
    const facts = { client: socket.id, unread_messages: unread.messages, unread_bytes: unread.bytes };
    logger.warn(facts, "closed the connection of a client that does not read");
    // Whoever sends just now sends to others as well.
    setImmediate(() => {
      socket.conn.request.socket.destroy();
      socket.conn.close(true);
    });
  }

  return {
    refusal() {
      if (rate.take()) return undefined;
      return failure("overloaded", `expected at most ${eventsPerSecond} events a second; more came. Send fewer`);
    },
    handling() {
      underWay++;
      return (answer) => {
        underWay--;
        const wrong = !answer.ok && wrongCodes.has(answer.error.code);
        if (!strikes.note(wrong) || answer.ok) return;
        const { code, message } = answer.error;
        const reason = failure(code, `the last ${wrongInARow} messages were all wrong; the last: ${message}`);
        // By then wrong ones have their answers, and what is still under way is right.
        setImmediate(() => {
          if (underWay === 0) dismiss("wrong_messages", reason);
        });
      };
    },
    registered: () => clearTimeout(registration),
    stop() {
      clearTimeout(registration);
      socket.conn.off("packetCreate", closeUnread);
      stop();
    },
  };
}

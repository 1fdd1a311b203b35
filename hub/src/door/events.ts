/** The events of one client: each is answered, whatever it is and whatever goes wrong on the way. */
import { type ErrorCode, type Failure, failure, preview } from "@physical-ai/unity-protocol";
import type { DatabaseOutage } from "../durable/outage.ts";
import { isUnreachable } from "../durable/outage.ts";
import type { ClientSocket } from "../socket-server.ts";
import type { Tally } from "../tally.ts";
import { type Answer, watchConduct } from "./conduct.ts";
import type { ClientLimits } from "./limits.ts";
import { beginSession, type Handler, type Session, type SessionDependencies } from "./session.ts";
import type { TurnedAway } from "./turned-away.ts";

/** What a client's events need. */
export interface ClientDependencies extends Omit<SessionDependencies, "onRegistered"> {
  /** Counts the messages that are answered with a failure. */
  refusals: Tally<ErrorCode>;
  turnedAway: TurnedAway;
  outage: DatabaseOutage;
  limits: ClientLimits;
}

/** Attends to a client that has just connected, until it has gone. */
export function attendClient(socket: ClientSocket, dependencies: ClientDependencies): void {
  const { refusals, turnedAway, outage, logger, limits, now } = dependencies;
  const conduct = watchConduct(socket, limits, turnedAway, logger);
  const session = beginSession(socket, { ...dependencies, onRegistered: conduct.registered });
  const handlers = handlersOf(session, now);

  function respondTo(event: string, message: unknown): Promise<Answer> {
    const handler = handlers.get(event);
    if (handler === undefined) {
      const known = [...handlers.keys()].join(", ");
      return Promise.resolve(failure("invalid_message", `expected one of the events ${known}; got ${preview(event)}`));
    }
    const answered = conduct.handling();
    return attempt(handler, message)
      .catch((error) => explain(event, error))
      .then((answer) => {
        answered(answer);
        return answer;
      });
  }

  /** Whatever goes wrong on the way becomes an answer too. */
  function explain(event: string, error: unknown): Failure {
    if (isUnreachable(error)) outage.failed(error);
    else logger.error({ err: error, event, client: socket.id }, "could not handle an event");
    return failure("unavailable", `the hub could not handle ${event} now; send it again`);
  }

  /** Holds nothing of the message while its answer is awaited: the packets of thousands of batches may wait at a time. */
  function receive(event: string, args: readonly unknown[]): void {
    const acknowledge = args.at(-1);
    const message = typeof args[0] === "function" ? undefined : args[0];
    const refusal = conduct.refusal();
    const answering = refusal === undefined ? respondTo(event, message) : Promise.resolve(refusal);
    void answering.then((answer) => {
      if (!answer.ok) refusals.add(answer.error.code);
      if (typeof acknowledge === "function") acknowledge(answer);
    });
  }

  // Events end here: whatever a client calls them, they never reach the emitter that also carries Socket.IO's own.
  socket.use(([event, ...args]) => receive(event, args));
  socket.on("disconnect", (reason) => {
    conduct.stop();
    session.end(reason);
  });
}

function handlersOf({ register, only }: Session, now: () => number): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ["register", register],
    ["clock", () => ({ ok: true, server_time: now() })],
    ["relay_to_hub", only("relay", (relay, message) => relay.receive(message))],
    ["worker_to_hub", only("brain_worker", (worker, message) => worker.receive(message))],
    ["hex_to_hub", only("brain_worker", (worker, message) => worker.receiveBytes(message))],
    ["command_request", only("viewer", (viewer, message) => viewer.command(message))],
  ]);
}

/** A handler that throws rejects like one that fails later. */
async function attempt(handler: Handler, message: unknown): Promise<Answer> {
  return handler(message);
}

/** What a client is registered as, from its first registration to its departure. */
import {
  type Failure,
  failure,
  protocolVersion,
  type Registered,
  type Role,
  validate,
} from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { ClientSocket } from "../socket-server.ts";
import type { Answer } from "./conduct.ts";
import { refusalOf, senderOf } from "./identity.ts";
import type { Client, OpenClient } from "./open-client.ts";
import type { RelayClient } from "./relay-client.ts";

/** Answers an event. */
export type Handler = (message: unknown) => Answer | Promise<Answer>;

type ClientOf<R extends Role> = Extract<Client, { role: R }>;

/** A connection's client. */
export interface Session {
  /** Takes a `register` message. A client that registers anew leaves as what it was. */
  register(message: unknown): Promise<Registered | Failure>;
  /** Makes the handler of an event that only clients of this role may send. */
  only<R extends Role>(role: R, handle: (client: ClientOf<R>, message: unknown) => ReturnType<Handler>): Handler;
  /** The connection has ended. */
  end(reason: string): void;
}

/** What a session works with. */
export interface SessionDependencies {
  openClient: OpenClient;
  /** Counts the clients that are registered. */
  present: Record<Role, number>;
  /** Told when a client has come or gone. */
  onChange: () => void;
  /** Told when it has registered. */
  onRegistered: () => void;
  logger: Logger;
  now: () => number;
}

/** Begins the session of a client that has just connected. */
export function beginSession(
  socket: ClientSocket,
  { openClient, present, onChange, onRegistered, logger, now }: SessionDependencies,
): Session {
  let client: Client | undefined;
  let id = "";
  let resuming = false;

  async function register(message: unknown): Promise<Registered | Failure> {
    const registration = validate.registration(message);
    if (!registration.ok) return failure("invalid_message", registration.problem);
    const refusal = refusalOf(socket, registration.value);
    if (refusal !== undefined) return refusal;
    if (resuming) return failure("overloaded", "a registration is under way; wait for its answer");
    // It may have gone in the meantime, and would never leave.
    if (!socket.connected) return failure("not_registered", "the connection is closed");
    become(undefined);
    const opened = openClient(socket, registration.value, senderOf(socket, registration.value));
    if ("ok" in opened) return opened;
    become(opened);
    onChange();
    onRegistered();
    id = registration.value.id;
    logger.info({ role: opened.role, id }, "client registered");
    const answer: Registered = { ok: true, protocol: protocolVersion, server_time: now() };
    // After the acknowledgement, so that a viewer knows the hub's time before its first packet.
    if (opened.role === "viewer") setImmediate(opened.begin);
    return opened.role === "relay" ? resume(opened, answer) : answer;
  }

  async function resume(relay: RelayClient, answer: Registered): Promise<Registered | Failure> {
    resuming = true;
    const committedSeq = await relay.resume().finally(() => {
      resuming = false;
    });
    if (typeof committedSeq !== "object") {
      return committedSeq === undefined ? answer : { ...answer, committed_seq: committedSeq };
    }
    depart();
    return committedSeq;
  }

  /** The client is registered no longer. */
  function depart(): void {
    become(undefined);
    onChange();
  }

  function become(next: Client | undefined): void {
    client?.leave();
    if (client !== undefined) present[client.role]--;
    client = next;
    if (next !== undefined) present[next.role]++;
  }

  return {
    register,
    only: (role, handle) => (message) => (isA(role, client) ? handle(client, message) : wrongRole(role, client)),
    end(reason) {
      if (client === undefined) return;
      logger.info({ role: client.role, id, reason }, "client left");
      depart();
    },
  };
}

function isA<R extends Role>(role: R, client: Client | undefined): client is ClientOf<R> {
  return client?.role === role;
}

function wrongRole(expected: Role, client: Client | undefined): Failure {
  if (client === undefined) return failure("not_registered", `register as ${expected} first`);
  return failure("forbidden", `only a client with the role ${expected} may send this; this one is a ${client.role}`);
}

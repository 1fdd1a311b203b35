/** Socket.IO clients from handshake to departure: who they are, and which handler gets which event. */
import {
  ErrorCode,
  type Failure,
  failure,
  preview,
  protocolVersion,
  type Registered,
  type Registration,
  type Role,
  validate,
} from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { Access } from "../access/access.ts";
import type { DatabaseOutage } from "../database/outage.ts";
import { isUnreachable } from "../database/unreachable.ts";
import { createTally } from "../tally.ts";
import { type Answer, watchConduct } from "./conduct.ts";
import type { ClientLimits } from "./limits.ts";
import type { Client, OpenClient } from "./open-client.ts";
import type { RelayClient } from "./relay-client.ts";
import type { ClientSocket, HubServer } from "./socket.ts";
import type { TurnedAway } from "./turned-away.ts";

interface ClientsDependencies {
  io: HubServer;
  access: Access;
  openClient: OpenClient;
  /** Told when a client has come or gone. */
  onChange: () => void;
  turnedAway: TurnedAway;
  outage: DatabaseOutage;
  logger: Logger;
  limits: ClientLimits;
  now?: () => number;
}

/** Who is here. */
export interface Clients {
  readonly present: Readonly<Record<Role, number>>;
  /** Messages that were answered with a failure, by its code. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** Attends to every client of the server. */
export function attendClients({
  io,
  access,
  openClient,
  onChange,
  turnedAway,
  outage,
  logger,
  limits,
  now = Date.now,
}: ClientsDependencies): Clients {
  const present = { relay: 0, brain_worker: 0, viewer: 0 };
  const refusals = createTally(ErrorCode.enum);
  io.use(async (socket, next) => {
    try {
      const visitor = await access.admit(socket.handshake.auth["token"]);
      if (visitor.kind === "refused") {
        turnedAway.add("unauthorized");
        return next(new Error(`unauthorized: ${visitor.reason}`));
      }
      socket.data.visitor = visitor;
      next();
    } catch (error) {
      logger.error({ err: error }, "could not check a client's token");
      turnedAway.add("unavailable");
      next(new Error("unavailable: the hub could not check the token; try again"));
    }
  });
  io.on("connection", (socket) => attend(socket));
  return {
    present,
    get refusals() {
      return refusals.counts;
    },
  };

  function attend(socket: ClientSocket): void {
    let client: Client | undefined;
    let id = "";
    let resuming = false;
    const conduct = watchConduct(socket, limits, turnedAway, logger);

    const handlers = new Map<string, (message: unknown) => Answer | Promise<Answer>>([
      ["register", register],
      ["clock", () => ({ ok: true, server_time: now() })],
      ["relay_to_hub", (message) => (client?.role === "relay" ? client.receive(message) : wrongRole("relay", client))],
      [
        "worker_to_hub",
        (message) => (client?.role === "brain_worker" ? client.receive(message) : wrongRole("brain_worker", client)),
      ],
      [
        "hex_to_hub",
        (message) =>
          client?.role === "brain_worker" ? client.receiveBytes(message) : wrongRole("brain_worker", client),
      ],
      [
        "command_request",
        (message) => (client?.role === "viewer" ? client.command(message) : wrongRole("viewer", client)),
      ],
    ]);
    const known = [...handlers.keys()].join(", ");

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
      conduct.registered();
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

    async function respondTo(event: string, message: unknown): Promise<Answer> {
      const handler = handlers.get(event);
      if (handler === undefined) {
        return failure("invalid_message", `expected one of the events ${known}; got ${preview(event)}`);
      }
      const answered = conduct.handling();
      const answer = await handled(event, () => handler(message));
      answered(answer);
      return answer;
    }

    /** Whatever goes wrong on the way becomes an answer too. */
    async function handled(event: string, handle: () => Answer | Promise<Answer>): Promise<Answer> {
      try {
        return await handle();
      } catch (error) {
        if (isUnreachable(error)) outage.failed(error);
        else logger.error({ err: error, event, client: socket.id }, "could not handle an event");
        return failure("unavailable", `the hub could not handle ${event} now; send it again`);
      }
    }

    async function receive(event: string, args: readonly unknown[]): Promise<void> {
      const acknowledge = args.at(-1);
      const message = typeof args[0] === "function" ? undefined : args[0];
      const answer = conduct.refusal() ?? (await respondTo(event, message));
      if (!answer.ok) refusals.add(answer.error.code);
      if (typeof acknowledge === "function") acknowledge(answer);
    }

    // Events end here: whatever a client calls them, they never reach the emitter that also carries Socket.IO's own.
    socket.use(([event, ...args]) => void receive(event, args));
    socket.on("disconnect", (reason) => {
      conduct.stop();
      if (client === undefined) return;
      logger.info({ role: client.role, id, reason }, "client left");
      depart();
    });
  }
}

/** A token says who its bearer is; viewers share one, and choose an id each. */
function refusalOf(socket: ClientSocket, registration: Registration): Failure | undefined {
  const { visitor } = socket.data;
  if (visitor.kind !== "known") return undefined;
  const { role, id } = visitor.identity;
  if (role !== registration.role) {
    return failure(
      "forbidden",
      `this token is for the role ${role}; expected it to register as that, not ${registration.role}`,
    );
  }
  if (role !== "viewer" && id !== registration.id) {
    return failure(
      "forbidden",
      `this token is for ${role} ${id}; expected it to register with that id, not ${registration.id}`,
    );
  }
  return undefined;
}

function senderOf(socket: ClientSocket, registration: Registration): string {
  const { visitor } = socket.data;
  return visitor.kind === "known" && visitor.identity.role === "viewer" ? visitor.identity.id : registration.id;
}

function wrongRole(expected: Role, client: Client | undefined): Failure {
  if (client === undefined) return failure("not_registered", `register as ${expected} first`);
  return failure("forbidden", `only a client with the role ${expected} may send this; this one is a ${client.role}`);
}

/** One client's connection: its events, each answered whatever goes wrong on the way; its registration; its departure. */
import {
  type ErrorCode,
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
import { type DatabaseOutage, isUnreachable } from "../durable/outage.ts";
import type { Tally } from "../observations.ts";
import { refusalOf, senderOf } from "./access/access.ts";
import { type Answer, type ClientLimits, Conduct, type TurnedAway } from "./client-limits.ts";
import { RelayClient, type RelayDependencies, type RelayRegistration, RelaySocketLink } from "./relay.ts";
import type { ClientSocket } from "./socket.ts";
import { ViewerClient, type ViewerDependencies } from "./viewer.ts";
import { takeWorkerPlace, WorkerClient, type WorkerDependencies, type WorkerRegistration } from "./worker.ts";

/** A client that has registered. */
export type Client = RelayClient | WorkerClient | ViewerClient;

/** The hub's side of a client; a failure when the registration asks for what cannot be. */
export type OpenClient = (socket: ClientSocket, registration: Registration, sender: string) => Client | Failure;

/** The same of clients that name no protocol. */
export interface OpenLegacyClient {
  relay(socket: ClientSocket, registration: RelayRegistration): RelayClient;
  worker(socket: ClientSocket, registration: WorkerRegistration): WorkerClient | Failure;
}

/** Opens clients on the hub's paths. Nothing behind it asks how old a client is. */
export function createOpenClient(
  paths: RelayDependencies & WorkerDependencies & ViewerDependencies,
  legacy: OpenLegacyClient,
): OpenClient {
  return (socket, registration, sender) => {
    const isLegacy = registration.protocol === undefined;
    switch (registration.role) {
      case "relay":
        if (isLegacy) return legacy.relay(socket, registration);
        return new RelayClient(paths, registration, new RelaySocketLink(socket, registration.id));
      case "brain_worker":
        if (isLegacy) return legacy.worker(socket, registration);
        return new WorkerClient(paths, registration.id, takeWorkerPlace(paths, socket, registration));
      case "viewer":
        return new ViewerClient(paths, socket, registration, sender);
    }
  };
}

/** What a client's connection needs. */
export interface ConnectionDependencies {
  openClient: OpenClient;
  /** Counts the clients that are registered. */
  present: Record<Role, number>;
  /** Counts the messages that are answered with a failure. */
  refusals: Tally<ErrorCode>;
  turnedAway: TurnedAway;
  /** Told when a client has come or gone. */
  onChange: () => void;
  outage: DatabaseOutage;
  limits: ClientLimits;
  logger: Logger;
  now: () => number;
}

type Handler = (connection: ClientConnection, message: unknown) => Answer | Promise<Answer>;

type ClientOf<R extends Role> = Extract<Client, { role: R }>;

/** Attends to a client from when it has connected until it has gone. */
export class ClientConnection {
  /** Every event that a client may send. */
  static readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ["register", (connection, message) => connection.#register(message)],
    ["clock", (connection) => ({ ok: true, server_time: connection.#dependencies.now() })],
    ["relay_to_hub", (connection, message) => connection.#only("relay", (relay) => relay.receive(message))],
    ["worker_to_hub", (connection, message) => connection.#only("brain_worker", (worker) => worker.receive(message))],
    ["hex_to_hub", (connection, message) => connection.#only("brain_worker", (worker) => worker.receiveBytes(message))],
    ["command_request", (connection, message) => connection.#only("viewer", (viewer) => viewer.command(message))],
  ]);

  readonly #socket: ClientSocket;
  readonly #dependencies: ConnectionDependencies;
  readonly #conduct: Conduct;
  #client: Client | undefined;
  #id = "";
  #resuming = false;

  constructor(socket: ClientSocket, dependencies: ConnectionDependencies) {
    const { limits, turnedAway, logger } = dependencies;
    this.#socket = socket;
    this.#dependencies = dependencies;
    this.#conduct = new Conduct(socket, limits, turnedAway, logger);
    // Events end here: whatever a client calls them, they never reach the emitter that also carries Socket.IO's own.
    socket.use(([event, ...args]) => this.#receive(event, args));
    socket.on("disconnect", (reason) => this.#end(reason));
  }

  /** Holds nothing of the message while its answer is awaited: the packets of thousands of batches may wait at a time. */
  #receive(event: string, args: readonly unknown[]): void {
    const acknowledge = args.at(-1);
    const message = typeof args[0] === "function" ? undefined : args[0];
    const refusal = this.#conduct.refusal();
    const answering = refusal === undefined ? this.#respondTo(event, message) : Promise.resolve(refusal);
    void answering.then((answer) => {
      if (!answer.ok) this.#dependencies.refusals.add(answer.error.code);
      if (typeof acknowledge === "function") acknowledge(answer);
    });
  }

  #respondTo(event: string, message: unknown): Promise<Answer> {
    const handler = ClientConnection.#handlers.get(event);
    if (handler === undefined) {
      const known = [...ClientConnection.#handlers.keys()].join(", ");
      return Promise.resolve(failure("invalid_message", `expected one of the events ${known}; got ${preview(event)}`));
    }
    this.#conduct.handling();
    return this.#attempt(handler, message)
      .catch((error) => this.#explain(event, error))
      .then((answer) => {
        this.#conduct.answered(answer);
        return answer;
      });
  }

  /** A handler that throws rejects like one that fails later. */
  async #attempt(handler: Handler, message: unknown): Promise<Answer> {
    return handler(this, message);
  }

  /** Whatever goes wrong on the way becomes an answer too. */
  #explain(event: string, error: unknown): Failure {
    const { outage, logger } = this.#dependencies;
    if (isUnreachable(error)) outage.failed(error);
    else logger.error({ err: error, event, client: this.#socket.id }, "could not handle an event");
    return failure("unavailable", `the hub could not handle ${event} now; send it again`);
  }

  /** Events that only clients of this role may send. */
  #only<R extends Role>(role: R, handle: (client: ClientOf<R>) => Answer | Promise<Answer>): Answer | Promise<Answer> {
    return isA(role, this.#client) ? handle(this.#client) : wrongRole(role, this.#client);
  }

  /** A client that registers anew leaves as what it was. */
  async #register(message: unknown): Promise<Registered | Failure> {
    const { openClient, onChange, logger, now } = this.#dependencies;
    const registration = validate.registration(message);
    if (!registration.ok) return failure("invalid_message", registration.problem);
    const { visitor } = this.#socket.data;
    const refusal = refusalOf(visitor, registration.value);
    if (refusal !== undefined) return refusal;
    if (this.#resuming) return failure("overloaded", "a registration is under way; wait for its answer");
    // It may have gone in the meantime, and would never leave.
    if (!this.#socket.connected) return failure("not_registered", "the connection is closed");
    this.#become(undefined);
    const opened = openClient(this.#socket, registration.value, senderOf(visitor, registration.value));
    if ("ok" in opened) return opened;
    this.#become(opened);
    onChange();
    this.#conduct.registered();
    this.#id = registration.value.id;
    logger.info({ role: opened.role, id: this.#id }, "client registered");
    const answer: Registered = { ok: true, protocol: protocolVersion, server_time: now() };
    // After the acknowledgement, so that a viewer knows the hub's time before its first packet.
    if (opened.role === "viewer") setImmediate(() => opened.begin());
    return opened.role === "relay" ? this.#resume(opened, answer) : answer;
  }

  async #resume(relay: RelayClient, answer: Registered): Promise<Registered | Failure> {
    this.#resuming = true;
    const committedSeq = await relay.resume().finally(() => {
      this.#resuming = false;
    });
    if (typeof committedSeq !== "object") {
      return committedSeq === undefined ? answer : { ...answer, committed_seq: committedSeq };
    }
    this.#depart();
    return committedSeq;
  }

  #end(reason: string): void {
    this.#conduct.stop();
    if (this.#client === undefined) return;
    this.#dependencies.logger.info({ role: this.#client.role, id: this.#id, reason }, "client left");
    this.#depart();
  }

  /** The client is registered no longer. */
  #depart(): void {
    this.#become(undefined);
    this.#dependencies.onChange();
  }

  #become(next: Client | undefined): void {
    const { present } = this.#dependencies;
    this.#client?.leave();
    if (this.#client !== undefined) present[this.#client.role]--;
    this.#client = next;
    if (next !== undefined) present[next.role]++;
  }
}

function isA<R extends Role>(role: R, client: Client | undefined): client is ClientOf<R> {
  return client?.role === role;
}

function wrongRole(expected: Role, client: Client | undefined): Failure {
  if (client === undefined) return failure("not_registered", `register as ${expected} first`);
  return failure("forbidden", `only a client with the role ${expected} may send this; this one is a ${client.role}`);
}

/** A brain worker: gets packets, answers with predictions and with telemetry that it decoded. */
import {
  type Accepted,
  type Failure,
  failure,
  type Packet,
  predictionType,
  type Registration,
  type RobotCommand,
  validate,
} from "@physical-ai/unity-protocol";
import type { Commander } from "../commands/commander.ts";
import type { Encoders } from "../commands/robot-bytes.ts";
import type { Ingest, IngestSession } from "../durable/ingest.ts";
import type { Predictions } from "../live/predictions.ts";
import type { WorkerPool } from "../live/workers.ts";
import type { ClientSocket } from "./socket.ts";

export interface WorkerDependencies {
  ingest: Ingest;
  pool: WorkerPool;
  predictions: Predictions;
  encoders: Encoders;
  commander: Commander;
}

export type WorkerRegistration = Registration & { role: "brain_worker" };

/** A worker's place on the live path: the packets and commands that it gets until it leaves, and its predictions. */
export interface WorkerPlace {
  receivePrediction(packet: Packet): Accepted | Failure;
  leave(): void;
}

/** The place of a worker that says which policies it runs, and which robots' commands it turns into bytes. */
export function takeWorkerPlace(
  { pool, encoders, predictions }: WorkerDependencies,
  socket: ClientSocket,
  { id: workerId, policies = [], generates_hex: robotTypes = [] }: WorkerRegistration,
): WorkerPlace {
  const leavePool = pool.add({ workerId, socket }, policies);
  const send = (command: RobotCommand) => void socket.emit("generate_hex", command);
  const leaveEncoders = encoders.add({ workerId, robotTypes, send });
  return {
    receivePrediction: (packet) => predictions.receive(packet, workerId),
    leave() {
      leaveEncoders();
      leavePool();
    },
  };
}

/** The hub's side of a worker that has registered. */
export class WorkerClient {
  readonly role = "brain_worker";
  readonly #workerId: string;
  readonly #place: WorkerPlace;
  readonly #session: IngestSession;
  readonly #commander: Commander;

  constructor({ ingest, commander }: WorkerDependencies, workerId: string, place: WorkerPlace) {
    this.#workerId = workerId;
    this.#place = place;
    this.#session = ingest.openSession(workerId);
    this.#commander = commander;
  }

  async receive(message: unknown): Promise<Accepted | Failure> {
    const packet = validate.packet(message);
    if (!packet.ok) return failure("invalid_message", packet.problem);
    if (packet.value.type === predictionType) return this.#place.receivePrediction(packet.value);
    const stored = await this.#session.receive(packet.value);
    return stored.ok ? { ok: true } : stored;
  }

  /** Takes a `hex_to_hub` message: bytes for a robot. */
  receiveBytes(message: unknown): Accepted | Failure {
    const bytes = validate.hexToHub(message);
    if (!bytes.ok) return failure("invalid_message", bytes.problem);
    return this.#commander.receiveBytes(bytes.value, this.#workerId);
  }

  leave(): void {
    this.#place.leave();
  }
}

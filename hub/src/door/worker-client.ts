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
import type { Ingest } from "../durable/ingest.ts";
import type { Predictions } from "../live/predictions.ts";
import type { WorkerPool } from "../live/workers.ts";
import type { ClientSocket } from "../socket-server.ts";

/** A registered brain worker. */
export interface WorkerClient {
  role: "brain_worker";
  receive(message: unknown): Promise<Accepted | Failure>;
  /** Takes a `hex_to_hub` message: bytes for a robot. */
  receiveBytes(message: unknown): Accepted | Failure;
  leave(): void;
}

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
export function createWorkerClient(
  { ingest, commander }: WorkerDependencies,
  workerId: string,
  place: WorkerPlace,
): WorkerClient {
  const session = ingest.openSession(workerId);
  return {
    role: "brain_worker",
    async receive(message) {
      const packet = validate.packet(message);
      if (!packet.ok) return failure("invalid_message", packet.problem);
      if (packet.value.type === predictionType) return place.receivePrediction(packet.value);
      const stored = await session.receive(packet.value);
      return stored.ok ? { ok: true } : stored;
    },
    receiveBytes(message) {
      const bytes = validate.hexToHub(message);
      if (!bytes.ok) return failure("invalid_message", bytes.problem);
      return commander.receiveBytes(bytes.value, workerId);
    },
    leave: () => place.leave(),
  };
}

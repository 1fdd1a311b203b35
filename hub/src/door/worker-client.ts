/** A brain worker: gets packets, answers with predictions and with telemetry that it decoded. */
import {
  type Accepted,
  type Failure,
  failure,
  predictionType,
  type Registration,
  validate,
} from "@physical-ai/unity-protocol";
import type { Commander } from "../commands/commander.ts";
import type { Encoders } from "../commands/encoders.ts";
import type { Encoder } from "../commands/links.ts";
import type { Ingest } from "../durable/ingest.ts";
import type { Predictions } from "../live/predictions/predictions.ts";
import type { WorkerPool } from "../live/workers/worker-pool.ts";
import type { ClientSocket } from "../socket-server.ts";
import { watchBackpressure } from "./backpressure.ts";

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

/** Makes the hub's side of a worker that has registered. */
export function createWorkerClient(
  { ingest, pool, predictions, encoders, commander }: WorkerDependencies,
  socket: ClientSocket,
  registration: Registration & { role: "brain_worker" },
): WorkerClient | Failure {
  const workerId = registration.id;
  const legacy = registration.protocol === undefined;
  const leavePool = joinPool(pool, socket, registration);
  if (leavePool === undefined) {
    return failure("invalid_message", "a worker without protocol names the robot_type that it works for; none came");
  }
  const leaveEncoders = encoders.add(encoderOf(socket, registration));
  const session = ingest.openSession(workerId);

  return {
    role: "brain_worker",
    async receive(message) {
      const packet = validate.packet(message);
      if (!packet.ok) return failure("invalid_message", packet.problem);
      if (packet.value.type === predictionType) return predictions.receive(packet.value, { workerId, legacy });
      const stored = await session.receive(packet.value);
      return stored.ok ? { ok: true } : stored;
    },
    receiveBytes(message) {
      const bytes = validate.hexToHub(message);
      if (!bytes.ok) return failure("invalid_message", bytes.problem);
      return commander.receiveBytes(bytes.value, workerId);
    },
    leave() {
      leaveEncoders();
      leavePool();
    },
  };
}

/** A worker of before says only what it works for. */
function encoderOf(socket: ClientSocket, registration: Registration & { role: "brain_worker" }): Encoder {
  const { id: workerId, protocol, robot_type: robotType, generates_hex: declared } = registration;
  const legacy = protocol === undefined && declared === undefined;
  return {
    workerId,
    robotTypes: declared ?? (legacy && robotType !== undefined ? [robotType] : []),
    legacy,
    send: (command) => void socket.emit("generate_hex", command),
  };
}

/** Returns what takes the worker out of the pool again; `undefined` when it does not say what it works for. */
function joinPool(
  pool: WorkerPool,
  socket: ClientSocket,
  registration: Registration & { role: "brain_worker" },
): (() => void) | undefined {
  if (registration.protocol !== undefined) {
    return pool.add(
      {
        workerId: registration.id,
        send: (packets, policy, done) => socket.emit("process_raw", packets, policy, done),
      },
      registration.policies ?? [],
    );
  }
  if (registration.robot_type === undefined) return undefined;
  const backpressure = watchBackpressure(socket);
  const leavePool = pool.addLegacy({
    workerId: registration.id,
    robotType: registration.robot_type,
    send(packet) {
      if (!backpressure.writable) return;
      socket.emit("process_raw", packet);
    },
  });
  return () => {
    backpressure.stop();
    leavePool();
  };
}

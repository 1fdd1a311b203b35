/** Legacy clients, which name no protocol, made to look like the others: nothing else in the hub knows of them. */
import {
  type Accepted,
  type Failure,
  failure,
  type Packet,
  type Prediction,
  type RobotBytes,
  type RobotCommand,
  validate,
} from "@physical-ai/unity-protocol";
import type { RelayLink } from "../commands/delivery.ts";
import type { Encoder } from "../commands/robot-bytes.ts";
import type { OpenLegacyClient } from "../door/client.ts";
import { RelayClient, type RelayDependencies, RelaySocketLink } from "../door/relay.ts";
import { Backpressure, type ClientSocket } from "../door/socket.ts";
import { WorkerClient, type WorkerDependencies, type WorkerPlace, type WorkerRegistration } from "../door/worker.ts";
import type { Predictions } from "../live/predictions.ts";
import type { LegacyWorkers } from "./workers.ts";

type LegacyDependencies = RelayDependencies & WorkerDependencies & { legacyWorkers: LegacyWorkers };

export function createOpenLegacyClient(paths: LegacyDependencies): OpenLegacyClient {
  return {
    relay(socket, registration) {
      const link = new RelaySocketLink(socket, registration.id);
      return new RelayClient(paths, registration, new LegacyRelayLink(link, paths.legacyWorkers));
    },
    worker(socket, registration) {
      const { id, robot_type: robotType } = registration;
      if (robotType === undefined) {
        return failure(
          "invalid_message",
          "a worker without protocol names the robot_type that it works for; none came",
        );
      }
      return new WorkerClient(paths, id, takeLegacyPlace(paths, socket, { ...registration, robot_type: robotType }));
    },
  };
}

/** Legacy relays do not say what became of a command, and their robots may understand nothing but bytes. */
export class LegacyRelayLink implements RelayLink {
  readonly #link: RelayLink;
  readonly #workers: Pick<LegacyWorkers, "findEncoder">;

  constructor(link: RelayLink, workers: Pick<LegacyWorkers, "findEncoder">) {
    this.#link = link;
    this.#workers = workers;
  }

  get relayId(): string {
    return this.#link.relayId;
  }

  get busy(): boolean {
    return this.#link.busy;
  }

  async send(message: RobotCommand | RobotBytes, timeoutMs: number): Promise<undefined> {
    // It answers with anything, or with nothing.
    await this.#link.send(message, timeoutMs).catch(() => undefined);
  }

  findEncoder(robotId: string, robotType: string | undefined): Encoder | undefined {
    return this.#workers.findEncoder(robotId, robotType);
  }
}

function takeLegacyPlace(
  { pool, encoders, predictions, legacyWorkers }: LegacyDependencies,
  socket: ClientSocket,
  { id: workerId, robot_type: robotType, generates_hex: robotTypes }: WorkerRegistration & { robot_type: string },
): WorkerPlace {
  const backpressure = new Backpressure(socket);
  const encode = (command: RobotCommand) => void socket.emit("generate_hex", command);
  const leaveEncoders = robotTypes && encoders.add({ workerId, robotTypes, send: encode });
  const link = {
    workerId,
    robotType,
    send(packet: Packet) {
      if (backpressure.writable) socket.emit("process_raw", packet);
    },
    ...(robotTypes === undefined && { encode }),
  };
  const leaveWorkers = legacyWorkers.add(link);
  pool.presence.come(workerId, link);
  return {
    receivePrediction: (packet) => receivePrediction(predictions, packet, workerId),
    leave() {
      backpressure.stop();
      leaveEncoders?.();
      leaveWorkers();
      pool.presence.go(workerId, link);
    },
  };
}

/** Legacy workers send any `val`. */
function receivePrediction(predictions: Predictions, packet: Packet, workerId: string): Accepted | Failure {
  if (validate.prediction(packet.val).ok) return predictions.receive(packet, workerId);
  return predictions.take(packet, withoutDetails(workerId), workerId);
}

/** What is known of a prediction that does not say what it was made with. */
function withoutDetails(workerId: string): Prediction {
  return {
    policy: workerId,
    model_version: "unknown",
    kind: "classification",
    input: {},
    timing: { queue: 0, preprocess: 0, infer: 0, total: 0 },
  };
}

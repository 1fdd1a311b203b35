/** The brain worker: takes packets from the hub, answers with predictions. */
import { createHubOutageLog, createMetrics, Registry } from "@physical-ai/service";
import { protocolVersion, type Registration, validate } from "@physical-ai/unity-protocol";
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import type { DockerManager } from "./docker/docker-manager.ts";
import { describeWorker, observeInference } from "./metrics.ts";
import { loadPolicies } from "./policies/load.ts";
import { picturesOf } from "./policies/policy-file.ts";
import { type ChunkPlayer, createChunkPlayer } from "./prediction/chunk-player.ts";
import type { Counters } from "./prediction/counters.ts";
import { type OpenPredictor, openPredictors } from "./prediction/open-predictor.ts";
import type { PredictionPacket } from "./prediction/predictor.ts";
import { createImageSupply } from "./runtimes/container/image-supply.ts";

export interface BrainWorkerDependencies {
  readonly logger: Logger;
  /** Makes the containers of policies that run in some. */
  readonly docker: DockerManager;
  /** Gets the worker's metrics; one of its own when missing. */
  readonly registry?: Registry;
}

export interface BrainWorkerOptions {
  /** `http://host:port` */
  readonly hubUrl: string;
  /** Proves role and id; not needed where the hub allows anonymous clients. */
  readonly token?: string | undefined;
  readonly workerId: string;
  /** The directory of the policy files. */
  readonly policiesDir: string;
  /** The worker's name at the Docker Engine; no other worker of that machine has the same. */
  readonly containerUser: string;
  /** Of the commands in a Dockerfile, where an image has to be built; see `BuildImageOptions`. */
  readonly buildNetwork?: string | undefined;
}

export interface BrainWorkerStats {
  /** True while the hub has this worker. */
  readonly registered: boolean;
  readonly policies: Readonly<Record<string, PolicyStats>>;
}

export interface PolicyStats extends Readonly<Counters> {
  /** Predictions that were ready when the hub was gone. */
  readonly dropped: number;
  /** Nothing until a container has said it. */
  readonly modelVersion: string | undefined;
  /** Times that the model's thread or server was gone, and started again. */
  readonly restarts: number;
}

export interface BrainWorker {
  /**
   * Loads policies and models, connects, and resolves when the hub has accepted the worker for the first time or
   * `stop` is called.
   *
   * @throws PolicyError with everything that is wrong with the policies
   */
  start(): Promise<void>;
  /** Answers the packets that are being worked on, leaves the hub, closes the models. */
  stop(): Promise<void>;
  stats(): BrainWorkerStats;
}

/** A policy of this worker. */
interface Desk {
  readonly predictor: OpenPredictor;
  readonly player: ChunkPlayer | undefined;
  dropped: number;
}

export function createBrainWorker(
  { logger, docker, registry = new Registry() }: BrainWorkerDependencies,
  options: BrainWorkerOptions,
): BrainWorker {
  const metrics = createMetrics(registry, "worker_");
  const onInferred = observeInference(metrics);
  const restarts = new Map<string, number>();
  const desks = new Map<string, Desk>();
  const working = new Set<Promise<void>>();
  let connection: HubConnection | undefined;
  let stopping = false;
  let started: Promise<void> = Promise.resolve();
  let stopWaiting = () => {};

  const now = () => connection?.clock.now() ?? Date.now();

  /** At most once: without a hub, a prediction is too late for everyone. */
  const send = (predictions: readonly PredictionPacket[], desk: Desk) => {
    if (!connection?.registered) {
      desk.dropped += predictions.length;
      return;
    }
    for (const prediction of predictions) connection.socket.emit("worker_to_hub", prediction);
  };

  const work = async (payload: unknown, policy: unknown): Promise<void> => {
    const desk = typeof policy === "string" ? desks.get(policy) : undefined;
    if (desk === undefined) return logger.error({ policy }, "process_raw for a policy that this worker does not have");
    const packets = validate.rawPackets(payload);
    if (!packets.ok) return logger.error({ policy, problem: packets.problem }, "process_raw is not what was agreed");
    const predictions = await desk.predictor.predict(packets.value);
    send(predictions, desk);
    for (const prediction of predictions) desk.player?.play(prediction);
  };

  /** Always asks for the next packets, whatever became of these; unless they came over a connection that is gone. */
  const takeOver = async ({ socket }: HubConnection, payload: unknown, policy: unknown, done?: () => void) => {
    const cameOver = socket.id;
    try {
      await work(payload, policy);
    } catch (error) {
      logger.error({ policy, err: error }, "packets could not be worked on");
    }
    if (socket.id === cameOver) done?.();
  };

  const connect = (onRegistered: () => void): HubConnection => {
    const { hubUrl: hub, workerId: worker } = options;
    const outages = createHubOutageLog(logger, { hub, role: "worker", meanwhile: "there are no predictions" });
    const opened = connectToHub({
      url: hub,
      token: options.token,
      registration: () => registration(options.workerId, [...desks.values()]),
      onRegistered() {
        const policies = [...desks.values()].map(
          ({ predictor }) => `${predictor.policy.name} ${predictor.modelVersion ?? "(starting)"}`,
        );
        outages.over({ worker, policies });
        onRegistered();
      },
      onLost: outages.lost,
      onRefused: outages.refused,
    });
    opened.socket.on("process_raw", (payload, policy, done) => {
      if (stopping) return;
      const task = takeOver(opened, payload, policy, done).finally(() => working.delete(task));
      working.add(task);
    });
    return opened;
  };

  const onRestart = (policy: string) => void restarts.set(policy, (restarts.get(policy) ?? 0) + 1);

  const deskOf = (predictor: OpenPredictor): Desk => {
    const emit = (step: PredictionPacket) => send([step], desk);
    const desk: Desk = { predictor, player: createChunkPlayer({ emit, now }, predictor.policy.definition), dropped: 0 };
    return desk;
  };

  const begin = async () => {
    const { containerUser: user, buildNetwork } = options;
    const images = createImageSupply({ manager: docker, logger }, buildNetwork);
    const containers = { manager: docker, images, user };
    const policies = await loadPolicies(options.policiesDir);
    const predictors = await openPredictors({ logger, now, containers, onInferred, onRestart }, policies, {
      follow: true,
    });
    for (const predictor of predictors) desks.set(predictor.policy.name, deskOf(predictor));
    if (stopping) return;
    await new Promise<void>((resolve) => {
      stopWaiting = resolve;
      connection = connect(resolve);
    });
  };

  const stats = (): BrainWorkerStats => ({
    registered: connection?.registered ?? false,
    policies: Object.fromEntries([...desks].map(([name, desk]) => [name, statsOf(desk, restarts.get(name))])),
  });
  describeWorker(metrics, stats);

  return {
    start() {
      started = begin();
      return started;
    },
    async stop() {
      stopping = true;
      stopWaiting();
      await Promise.allSettled([started, ...working]);
      for (const { player } of desks.values()) player?.close();
      connection?.close();
      await Promise.all([...desks.values()].map(({ predictor }) => predictor.close()));
    },
    stats,
  };
}

function statsOf({ predictor: { counters, modelVersion }, dropped }: Desk, restarts = 0): PolicyStats {
  return { ...structuredClone(counters), dropped, modelVersion, restarts };
}

function registration(id: string, desks: readonly Desk[]): Registration {
  const policies = desks.map(({ predictor: { policy } }) => {
    const { types: numbers, robot_types, delivery } = policy.definition.listens_to;
    const types = [...numbers, ...Object.keys(picturesOf(policy.definition))];
    return { name: policy.name, types, delivery, ...(robot_types === undefined ? {} : { robot_types }) };
  });
  return { role: "brain_worker", id, protocol: protocolVersion, policies };
}

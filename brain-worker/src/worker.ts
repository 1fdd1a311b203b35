/** The brain worker: takes packets from the hub, answers with predictions. */

import { createContainerPlace, createImageSupply, type DockerManager } from "@physical-ai/containers";
import { loadPolicies, openPredictors, type PredictionPacket } from "@physical-ai/policy";
import { zmqWire } from "@physical-ai/policy-wires";
import { createHubOutageLog, createMetrics, Registry } from "@physical-ai/service";
import { protocolVersion, validate } from "@physical-ai/unity-protocol";
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import { describeWorker, observeInference } from "./metrics.ts";
import { type PolicyStats, type ServedPolicy, servePolicy } from "./served-policy.ts";

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

export function createBrainWorker(
  { logger, docker, registry = new Registry() }: BrainWorkerDependencies,
  options: BrainWorkerOptions,
): BrainWorker {
  const metrics = createMetrics(registry, "worker_");
  const onInferred = observeInference(metrics);
  const restarts = new Map<string, number>();
  const policies = new Map<string, ServedPolicy>();
  const underWay = new Set<Promise<void>>();
  let connection: HubConnection | undefined;
  let stopping = false;
  let started: Promise<void> = Promise.resolve();
  let stopWaiting = () => {};

  const now = () => connection?.clock.now() ?? Date.now();

  const send = (predictions: readonly PredictionPacket[]): boolean => {
    if (!connection?.registered) return false;
    for (const prediction of predictions) connection.socket.emit("worker_to_hub", prediction);
    return true;
  };

  const handle = async (payload: unknown, name: unknown): Promise<void> => {
    const policy = typeof name === "string" ? policies.get(name) : undefined;
    if (policy === undefined) {
      return logger.error({ policy: name }, "process_raw for a policy that this worker does not have");
    }
    const packets = validate.rawPackets(payload);
    if (packets.ok) return policy.handle(packets.value);
    logger.error({ policy: name, problem: packets.problem }, "process_raw is not what was agreed");
  };

  /** Always asks for the next packets, whatever became of these; unless they came over a connection that is gone. */
  const handleAndAsk = async ({ socket }: HubConnection, payload: unknown, name: unknown, done?: () => void) => {
    const cameOver = socket.id;
    try {
      await handle(payload, name);
    } catch (error) {
      logger.error({ policy: name, err: error }, "packets could not be worked on");
    }
    if (socket.id === cameOver) done?.();
  };

  const connect = (onRegistered: () => void): HubConnection => {
    const { hubUrl: hub, workerId: worker } = options;
    const outages = createHubOutageLog(logger, { hub, role: "worker", meanwhile: "there are no predictions" });
    const opened = connectToHub({
      url: hub,
      token: options.token,
      registration: () => ({
        role: "brain_worker",
        id: worker,
        protocol: protocolVersion,
        policies: [...policies.values()].map(({ subscription }) => subscription),
      }),
      onRegistered() {
        const versions = [...policies.values()].map(
          ({ name, stats: { modelVersion } }) => `${name} ${modelVersion ?? "(starting)"}`,
        );
        outages.over({ worker, policies: versions });
        onRegistered();
      },
      onLost: outages.lost,
      onRefused: outages.refused,
    });
    opened.socket.on("process_raw", (payload, name, done) => {
      if (stopping) return;
      const task = handleAndAsk(opened, payload, name, done).finally(() => underWay.delete(task));
      underWay.add(task);
    });
    return opened;
  };

  const openPolicies = async () => {
    const { containerUser: user, buildNetwork } = options;
    const images = createImageSupply({ manager: docker, logger }, buildNetwork);
    const containerPlace = createContainerPlace({ manager: docker, images }, user);
    const onRestart = (name: string) => void restarts.set(name, (restarts.get(name) ?? 0) + 1);
    const dependencies = { logger, now, wire: zmqWire, containerPlace, onInferred, onRestart };
    const predictors = await openPredictors(dependencies, await loadPolicies(options.policiesDir), { follow: true });
    for (const predictor of predictors) {
      const { name } = predictor.policy;
      policies.set(name, servePolicy({ predictor, send, now, restarts: () => restarts.get(name) ?? 0 }));
    }
  };

  const begin = async () => {
    await openPolicies();
    if (stopping) return;
    await new Promise<void>((resolve) => {
      stopWaiting = resolve;
      connection = connect(resolve);
    });
  };

  const stats = (): BrainWorkerStats => ({
    registered: connection?.registered ?? false,
    policies: Object.fromEntries([...policies.values()].map((policy) => [policy.name, policy.stats])),
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
      await Promise.allSettled([started, ...underWay]);
      for (const policy of policies.values()) policy.stopPlaying();
      connection?.close();
      await Promise.all([...policies.values()].map((policy) => policy.close()));
    },
    stats,
  };
}

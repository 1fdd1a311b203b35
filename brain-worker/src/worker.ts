/** The brain worker: takes packets from the hub, answers with predictions. */
import { createContainerPlace, type DockerManager } from "@physical-ai/containers";
import { loadPolicies, openPredictors, type PredictionPacket } from "@physical-ai/policy";
import { wires } from "@physical-ai/policy-wires";
import { createMetrics, HubOutageLog, Registry } from "@physical-ai/service";
import { protocolVersion, validate } from "@physical-ai/unity-protocol";
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import { type BrainWorkerStats, describeWorker, type OnInferred, observeInference } from "./metrics.ts";
import { ServedPolicy } from "./served-policy.ts";

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

/** A worker and its policies. Whoever makes it stops it. */
export class BrainWorker {
  readonly #dependencies: BrainWorkerDependencies;
  readonly #options: BrainWorkerOptions;
  readonly #onInferred: OnInferred;
  readonly #restarts = new Map<string, number>();
  readonly #policies = new Map<string, ServedPolicy>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #connection: HubConnection | undefined;
  #started: Promise<void> = Promise.resolve();

  constructor(dependencies: BrainWorkerDependencies, options: BrainWorkerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    const metrics = createMetrics(dependencies.registry ?? new Registry(), "worker_");
    this.#onInferred = observeInference(metrics);
    describeWorker(metrics, () => this.stats());
  }

  /**
   * Loads policies and models, connects, and resolves when the hub has accepted the worker for the first time or
   * `stop` is called.
   *
   * @throws PolicyError with everything that is wrong with the policies
   */
  start(): Promise<void> {
    this.#started = this.#begin();
    return this.#started;
  }

  /** Answers the packets that are being worked on, leaves the hub, closes the models. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([this.#started, ...this.#underWay]);
    const policies = [...this.#policies.values()];
    for (const policy of policies) policy.stopPlaying();
    this.#connection?.close();
    await Promise.all(policies.map((policy) => policy.close()));
  }

  stats(): BrainWorkerStats {
    return {
      registered: this.#connection?.registered ?? false,
      policies: Object.fromEntries([...this.#policies.values()].map((policy) => [policy.name, policy.stats])),
    };
  }

  async #begin(): Promise<void> {
    await this.#openPolicies();
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      this.#connection = this.#connect(resolve);
    });
  }

  async #openPolicies(): Promise<void> {
    const { logger, docker } = this.#dependencies;
    const { containerUser, buildNetwork, policiesDir } = this.#options;
    const containerPlace = createContainerPlace({ logger, manager: docker }, { user: containerUser, buildNetwork });
    const now = () => this.#connection?.clock.now() ?? Date.now();
    const send = (predictions: readonly PredictionPacket[]) => this.#send(predictions);
    const onRestart = (name: string) => void this.#restarts.set(name, (this.#restarts.get(name) ?? 0) + 1);
    const predictors = await openPredictors(
      { logger, now, wires, containerPlace, onInferred: this.#onInferred, onRestart },
      await loadPolicies(policiesDir),
      { follow: true },
    );
    for (const predictor of predictors) {
      const { name } = predictor.policy;
      const restarts = () => this.#restarts.get(name) ?? 0;
      this.#policies.set(name, new ServedPolicy({ predictor, send, now, restarts }));
    }
  }

  #connect(onRegistered: () => void): HubConnection {
    const { logger } = this.#dependencies;
    const { hubUrl: hub, workerId: worker, token } = this.#options;
    const outages = new HubOutageLog(logger, { hub, role: "worker", meanwhile: "there are no predictions" });
    const connection = connectToHub({
      url: hub,
      token,
      registration: () => ({
        role: "brain_worker",
        id: worker,
        protocol: protocolVersion,
        policies: [...this.#policies.values()].map(({ subscription }) => subscription),
      }),
      onRegistered: () => {
        const versions = [...this.#policies.values()].map(
          ({ name, stats: { modelVersion } }) => `${name} ${modelVersion ?? "(starting)"}`,
        );
        outages.over({ worker, policies: versions });
        onRegistered();
      },
      onLost: (reason) => outages.lost(reason),
      onRefused: (refusal) => outages.refused(refusal),
    });
    connection.socket.on("process_raw", (payload, name, done) => {
      if (this.#stopping.signal.aborted) return;
      const task = this.#handleAndAsk(connection, payload, name, done).finally(() => this.#underWay.delete(task));
      this.#underWay.add(task);
    });
    return connection;
  }

  /** Always asks for the next packets, whatever became of these; unless they came over a connection that is gone. */
  async #handleAndAsk({ socket }: HubConnection, payload: unknown, name: unknown, done?: () => void): Promise<void> {
    const cameOver = socket.id;
    try {
      await this.#handle(payload, name);
    } catch (error) {
      this.#dependencies.logger.error({ policy: name, err: error }, "packets could not be worked on");
    }
    if (socket.id === cameOver) done?.();
  }

  async #handle(payload: unknown, name: unknown): Promise<void> {
    const { logger } = this.#dependencies;
    const policy = typeof name === "string" ? this.#policies.get(name) : undefined;
    if (policy === undefined) {
      return logger.error({ policy: name }, "process_raw for a policy that this worker does not have");
    }
    const packets = validate.rawPackets(payload);
    if (packets.ok) return policy.handle(packets.value);
    logger.error({ policy: name, problem: packets.problem }, "process_raw is not what was agreed");
  }

  #send(predictions: readonly PredictionPacket[]): boolean {
    if (!this.#connection?.registered) return false;
    for (const prediction of predictions) this.#connection.socket.emit("worker_to_hub", prediction);
    return true;
  }
}

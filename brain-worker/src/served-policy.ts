/** A policy that a worker serves: packets in, predictions to the hub, actions of a chunk at their times. */
import {
  type ChunkPlayer,
  type Counters,
  createChunkPlayer,
  type Policy,
  type PredictionPacket,
  type Predictor,
  picturesOf,
} from "@physical-ai/policy";
import type { PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";

/** What became of a policy's packets since the start. */
export interface PolicyStats extends Counters {
  /** Predictions that were ready when the hub was gone. */
  readonly dropped: number;
  /** Nothing until a policy server has said it. */
  readonly modelVersion: string | undefined;
  /** Times that the model's thread or server was gone, and started again. */
  readonly restarts: number;
}

export interface ServedPolicyDependencies {
  /** Closed with the policy. */
  readonly predictor: Predictor;
  /** At most once: without a hub, a prediction is too late for everyone. Returns false where there is none. */
  readonly send: (predictions: readonly PredictionPacket[]) => boolean;
  /** The hub's time, epoch milliseconds. */
  readonly now: () => number;
  /** How often the model was started again. */
  readonly restarts: () => number;
}

export class ServedPolicy {
  readonly name: string;
  /** What the hub is asked for. */
  readonly subscription: PolicySubscription;
  readonly #dependencies: ServedPolicyDependencies;
  readonly #player: ChunkPlayer | undefined;
  #dropped = 0;

  constructor(dependencies: ServedPolicyDependencies) {
    const { policy } = dependencies.predictor;
    this.name = policy.name;
    this.subscription = subscriptionOf(policy);
    this.#dependencies = dependencies;
    this.#player = createChunkPlayer({ emit: (step) => this.#send([step]), now: dependencies.now }, policy.definition);
  }

  get stats(): PolicyStats {
    const { predictor, restarts } = this.#dependencies;
    const { counters, modelVersion } = predictor;
    return { ...counters, dropped: this.#dropped, modelVersion, restarts: restarts() };
  }

  /** Predicts, and sends what comes of it. */
  async handle(packets: readonly RawPacket[]): Promise<void> {
    const predictions = await this.#dependencies.predictor.predict(packets);
    this.#send(predictions);
    for (const prediction of predictions) this.#player?.play(prediction);
  }

  /** Plays no more actions. */
  stopPlaying(): void {
    this.#player?.close();
  }

  /** Closes the model. */
  close(): Promise<void> {
    return this.#dependencies.predictor.close();
  }

  #send(predictions: readonly PredictionPacket[]): void {
    if (!this.#dependencies.send(predictions)) this.#dropped += predictions.length;
  }
}

function subscriptionOf({ name, definition }: Policy): PolicySubscription {
  const { types: numbers, robot_types, delivery } = definition.listens_to;
  const types = [...numbers, ...Object.keys(picturesOf(definition))];
  return { name, types, delivery, ...(robot_types === undefined ? {} : { robot_types }) };
}

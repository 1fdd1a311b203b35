/** A policy that a worker serves: packets in, predictions to the hub, actions of a chunk at their times. */

import {
  type Counters,
  createChunkPlayer,
  type OpenPredictor,
  type Policy,
  type PredictionPacket,
  picturesOf,
} from "@physical-ai/policy";
import type { PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";

/** What became of a policy's packets since the start. */
export interface PolicyStats extends Readonly<Counters> {
  /** Predictions that were ready when the hub was gone. */
  readonly dropped: number;
  /** Nothing until a container has said it. */
  readonly modelVersion: string | undefined;
  /** Times that the model's thread or server was gone, and started again. */
  readonly restarts: number;
}

export interface ServedPolicy {
  readonly name: string;
  /** What the hub is asked for. */
  readonly subscription: PolicySubscription;
  readonly stats: PolicyStats;
  /** Predicts, and sends what comes of it. */
  handle(packets: readonly RawPacket[]): Promise<void>;
  /** Plays no more actions. */
  stopPlaying(): void;
  /** Closes the model. */
  close(): Promise<void>;
}

export interface ServedPolicyDependencies {
  /** Closed with the policy. */
  readonly predictor: OpenPredictor;
  /** At most once: without a hub, a prediction is too late for everyone. Returns false where there is none. */
  readonly send: (predictions: readonly PredictionPacket[]) => boolean;
  /** The hub's time, epoch milliseconds. */
  readonly now: () => number;
  /** How often the model was started again. */
  readonly restarts: () => number;
}

export function servePolicy({ predictor, send, now, restarts }: ServedPolicyDependencies): ServedPolicy {
  const { name, definition } = predictor.policy;
  const player = createChunkPlayer({ emit: (step) => sendOrDrop([step]), now }, definition);
  let dropped = 0;

  function sendOrDrop(predictions: readonly PredictionPacket[]): void {
    if (!send(predictions)) dropped += predictions.length;
  }

  return {
    name,
    subscription: subscriptionOf(predictor.policy),
    get stats() {
      const { counters, modelVersion } = predictor;
      return { ...structuredClone(counters), dropped, modelVersion, restarts: restarts() };
    },
    async handle(packets) {
      const predictions = await predictor.predict(packets);
      sendOrDrop(predictions);
      for (const prediction of predictions) player?.play(prediction);
    },
    stopPlaying: () => player?.close(),
    close: () => predictor.close(),
  };
}

function subscriptionOf({ name, definition }: Policy): PolicySubscription {
  const { types: numbers, robot_types, delivery } = definition.listens_to;
  const types = [...numbers, ...Object.keys(picturesOf(definition))];
  return { name, types, delivery, ...(robot_types === undefined ? {} : { robot_types }) };
}

/** One policy at work: packets in, predictions out. The worker calls it over sockets, tests in a closed loop. */
import {
  type Packet,
  type Prediction,
  type PredictionTiming,
  predictionType,
  type RawPacket,
} from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { type Policy, valuesOf } from "../file/policy.ts";
import { openRuntime, type RuntimeDependencies, type RuntimeOptions } from "../open-runtime.ts";
import type { ModelAnswer, Runtime } from "../runtime.ts";
import { type Counters, PacketCounters } from "./counters.ts";
import { createExamples, type Example, type Examples } from "./examples.ts";
import { interpret } from "./output.ts";

/** What a predictor needs. */
export interface PredictorDependencies {
  readonly logger: Logger;
  /** The hub's time, epoch milliseconds: the clock of `received_at`. */
  readonly now: () => number;
  /** Closed with the predictor. */
  readonly runtime: Runtime;
  /** Told of each batch that the model has answered; in milliseconds. */
  readonly onInferred?: ((policy: string, inferMs: number, queueMs: number) => void) | undefined;
}

/** What goes to the hub. */
export type PredictionPacket = Packet & { readonly val: Prediction };

/** Whoever makes or opens it closes it. */
export class Predictor {
  readonly policy: Policy;
  readonly #dependencies: PredictorDependencies;
  readonly #counters: PacketCounters;
  readonly #examples: Examples;

  constructor(dependencies: PredictorDependencies, policy: Policy) {
    this.policy = policy;
    this.#dependencies = dependencies;
    this.#counters = new PacketCounters(dependencies.logger, policy.name);
    this.#examples = createExamples(policy, this.#counters);
  }

  /** Of the model that is asked next. */
  get modelVersion(): string | undefined {
    return this.#dependencies.runtime.modelVersion;
  }

  /** As they are now. */
  get counters(): Counters {
    return this.#counters.snapshot();
  }

  /**
   * Takes the next packets, of one or many robots, and answers with their predictions in the same order. Calls may
   * overlap: each robot's packets are taken in the order of the calls. Packets that lead to no prediction are counted;
   * it never rejects because of a packet or the model.
   */
  async predict(packets: readonly RawPacket[]): Promise<PredictionPacket[]> {
    const { now, onInferred } = this.#dependencies;
    const startedAt = now();
    const sinceStart = stopwatch();
    this.#counters.received += packets.length;
    const batch = this.#examples.of(packets, startedAt);
    if (batch.length === 0) return [];
    const features = featuresOf(batch, this.policy.featureNames.length);
    const preprocessMs = sinceStart();

    const answer = await this.#infer(features, batch);
    if (answer === undefined) return [];
    const inferMs = sinceStart() - preprocessMs;
    onInferred?.(this.policy.name, inferMs, longestWait(batch, startedAt));
    const { values, modelVersion } = answer;
    const columns = values.length / batch.length;
    return batch.flatMap((example, index) => {
      const queue = Math.max(0, startedAt - example.packet.received_at);
      const timing = inMicroseconds({ queue, preprocess: preprocessMs, infer: inferMs, total: queue + sinceStart() });
      const row = values.subarray(index * columns, (index + 1) * columns);
      return this.#predictionOf(row, modelVersion, example, timing).map((val) => toPacket(example.packet, val, now()));
    });
  }

  /** Closes the model. */
  close(): Promise<void> {
    return this.#dependencies.runtime.close();
  }

  async #infer(features: Float32Array<ArrayBuffer>, batch: readonly Example[]): Promise<ModelAnswer | undefined> {
    try {
      const pictures = batch.map((example) => example.pictures);
      return await this.#dependencies.runtime.infer(features, batch.length, pictures);
    } catch (error) {
      this.#counters.fail(error, batch.length);
      return undefined;
    }
  }

  #predictionOf(row: Float32Array, model_version: string, { vector }: Example, timing: PredictionTiming): Prediction[] {
    try {
      const meaning = interpret(this.policy.definition, row);
      this.#counters.predicted += 1;
      return [{ policy: this.policy.name, model_version, ...meaning, input: vector.input, timing }];
    } catch (error) {
      this.#counters.fail(error, 1);
      return [];
    }
  }
}

/** What predictors and their models need. */
export type OpenPredictorDependencies = Pick<PredictorDependencies, "now" | "onInferred"> & RuntimeDependencies;

/**
 * Opens a policy's model.
 *
 * @throws PolicyError when the model is not the one that the policy describes
 */
export async function openPredictor(
  { logger, now, onInferred, ...runtimeDependencies }: OpenPredictorDependencies,
  policy: Policy,
  options: RuntimeOptions = {},
): Promise<Predictor> {
  const runtime = await openRuntime({ logger, ...runtimeDependencies }, policy, options);
  return new Predictor({ logger, now, runtime, onInferred }, policy);
}

/**
 * Opens all of them, or none.
 *
 * @throws PolicyError with everything that is wrong with any of the models
 */
export async function openPredictors(
  dependencies: OpenPredictorDependencies,
  policies: readonly Policy[],
  options: RuntimeOptions = {},
): Promise<Predictor[]> {
  const results = await Promise.allSettled(policies.map((policy) => openPredictor(dependencies, policy, options)));
  try {
    return valuesOf(results);
  } catch (error) {
    await Promise.all(results.map((result) => result.status === "fulfilled" && result.value.close()));
    throw error;
  }
}

function featuresOf(batch: readonly Example[], columns: number): Float32Array<ArrayBuffer> {
  const features = new Float32Array(batch.length * columns);
  for (const [row, { vector }] of batch.entries()) features.set(vector.features, row * columns);
  return features;
}

/** Of a batch's packets, since the hub received them; in milliseconds. */
function longestWait(batch: readonly Example[], startedAt: number): number {
  let oldest = startedAt;
  for (const { packet } of batch) oldest = Math.min(oldest, packet.received_at);
  return startedAt - oldest;
}

function toPacket({ robot_id, robot_type }: RawPacket, val: Prediction, ts: number): PredictionPacket {
  return { robot_id, robot_type, type: predictionType, val, ts };
}

/** Finer digits would be noise, and bytes in every row. */
function inMicroseconds({ queue, preprocess, infer, total }: PredictionTiming): PredictionTiming {
  const round = (ms: number) => Math.round(ms * 1000) / 1000;
  return { queue: round(queue), preprocess: round(preprocess), infer: round(infer), total: round(total) };
}

/** Milliseconds since it was made, whatever happens to the system's clock. */
function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

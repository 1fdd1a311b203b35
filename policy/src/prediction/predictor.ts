/** One policy at work: packets in, predictions out. The worker calls it over sockets, tests in a closed loop. */
import {
  type Packet,
  type Prediction,
  type PredictionTiming,
  predictionType,
  type RawPacket,
} from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { Policy } from "../file/policy.ts";
import type { ModelAnswer, Runtime } from "../runtime.ts";
import { type Counters, createCounters } from "./counters.ts";
import { createExamples, type Example } from "./examples.ts";
import { interpret } from "./output.ts";
import { createTroubleLog } from "./trouble-log.ts";

/** What a predictor needs. */
export interface PredictorDependencies {
  readonly logger: Logger;
  /** The hub's time, epoch milliseconds: the clock of `received_at`. */
  readonly now: () => number;
  /** Closed by whoever opened it. */
  readonly runtime: Runtime;
  /** Told of each batch that the model has answered; in milliseconds. */
  readonly onInferred?: ((policy: string, inferMs: number, queueMs: number) => void) | undefined;
}

/** What goes to the hub. */
export type PredictionPacket = Packet & { readonly val: Prediction };

export interface Predictor {
  readonly policy: Policy;
  readonly counters: Readonly<Counters>;
  /**
   * Takes the next packets, of one or many robots, and answers with their predictions in the same order. Calls may
   * overlap: each robot's packets are taken in the order of the calls. Packets that lead to no prediction are counted;
   * it never rejects because of a packet or the model.
   */
  predict(packets: readonly RawPacket[]): Promise<PredictionPacket[]>;
}

export function createPredictor(
  { logger, now, runtime, onInferred }: PredictorDependencies,
  policy: Policy,
): Predictor {
  const { definition, featureNames } = policy;
  const counters = createCounters();
  const { skip, fail } = createTroubleLog(logger, policy.name, counters);
  const examples = createExamples(policy, { counters, skip });

  const predictionOf = (
    row: Float32Array,
    model_version: string,
    { vector }: Example,
    timing: PredictionTiming,
  ): Prediction[] => {
    try {
      const meaning = interpret(definition, row);
      counters.predicted += 1;
      return [{ policy: policy.name, model_version, ...meaning, input: vector.input, timing }];
    } catch (error) {
      fail(error, 1);
      return [];
    }
  };

  return {
    policy,
    counters,
    async predict(packets) {
      const startedAt = now();
      const sinceStart = stopwatch();
      counters.received += packets.length;
      const batch = examples.of(packets, startedAt);
      if (batch.length === 0) return [];
      const features = featuresOf(batch, featureNames.length);
      const preprocessMs = sinceStart();

      let answer: ModelAnswer;
      try {
        const pictures = batch.map((example) => example.pictures);
        answer = await runtime.infer(features, batch.length, pictures);
      } catch (error) {
        fail(error, batch.length);
        return [];
      }
      const inferMs = sinceStart() - preprocessMs;
      onInferred?.(policy.name, inferMs, longestWait(batch, startedAt));
      const { values, modelVersion } = answer;
      const columns = values.length / batch.length;
      return batch.flatMap((example, index) => {
        const queue = Math.max(0, startedAt - example.packet.received_at);
        const timing = inMicroseconds({ queue, preprocess: preprocessMs, infer: inferMs, total: queue + sinceStart() });
        const row = values.subarray(index * columns, (index + 1) * columns);
        return predictionOf(row, modelVersion, example, timing).map((val) => toPacket(example.packet, val, now()));
      });
    },
  };
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

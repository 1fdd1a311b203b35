/** One policy at work: packets in, predictions out. The worker calls it over sockets, tests in a closed loop. */
import {
  type Packet,
  type Prediction,
  type PredictionTiming,
  predictionType,
  type RawPacket,
} from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { Policy } from "../policies/policy.ts";
import { picturesOf } from "../policies/policy-file.ts";
import { createPipeline, type Processed } from "../preprocessing/pipeline.ts";
import { type ModelAnswer, ModelUnavailableError, type Runtime } from "../runtimes/runtime.ts";
import { type Counters, createCounters, type SkipReason } from "./counters.ts";
import { interpret } from "./output.ts";
import { createPictureMemory, type Pictures } from "./pictures.ts";
import { createRateLimit } from "./rate-limit.ts";

const logIntervalMs = 10_000;

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

/** A packet that completes the model's input. */
interface Example {
  readonly packet: RawPacket;
  readonly vector: Extract<Processed, { kind: "vector" }>;
  readonly pictures: Pictures;
}

export function createPredictor(
  { logger, now, runtime, onInferred }: PredictorDependencies,
  policy: Policy,
): Predictor {
  const { definition, featureNames } = policy;
  const pipeline = createPipeline(policy);
  const pictureMemory = createPictureMemory(picturesOf(definition));
  const counters = createCounters();
  const mayLog = createRateLimit(logIntervalMs, () => performance.now());

  const skip = (reason: SkipReason, count: number, problem: string) => {
    counters.skipped[reason] += count;
    if (!mayLog(reason)) return;
    logger.warn({ policy: policy.name, reason, skipped: counters.skipped[reason], problem }, "packets are skipped");
  };
  const fail = (error: unknown, count: number) => {
    if (error instanceof ModelUnavailableError) return skip("model_unavailable", count, error.message);
    counters.errors += count;
    if (mayLog("error")) logger.error({ policy: policy.name, errors: counters.errors, err: error }, "no prediction");
  };

  /** Late packets go through the steps too, so that no window gets a hole; only their predictions are left out. */
  const preprocess = (packet: RawPacket, startedAt: number): Example[] => {
    if (pictureMemory.has(packet.type)) return remember(packet);
    const processed = pipeline.push(packet);
    if (processed.kind === "absorbed") counters.absorbed += 1;
    if (processed.kind === "invalid") skip("invalid", 1, `${packet.robot_id} ${packet.type}: ${processed.problem}`);
    if (processed.kind !== "vector") return [];
    const waitedMs = startedAt - packet.received_at;
    if (waitedMs > definition.deadline_ms) {
      skip(
        "deadline",
        1,
        `${packet.robot_id} waited ${Math.round(waitedMs)} ms; the deadline is ${definition.deadline_ms} ms`,
      );
      return [];
    }
    const seen = pictureMemory.of(packet.robot_id);
    if ("pictures" in seen) return [{ packet, vector: processed, pictures: seen.pictures }];
    skip("incomplete", 1, `${packet.robot_id} has sent no ${seen.missing.join(", ")}`);
    return [];
  };
  const remember = (packet: RawPacket): [] => {
    const problem = pictureMemory.take(packet);
    if (problem === undefined) counters.absorbed += 1;
    else skip("invalid", 1, `${packet.robot_id} ${packet.type}: ${problem}`);
    return [];
  };

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
      const examples = packets.flatMap((packet) => preprocess(packet, startedAt));
      if (examples.length === 0) return [];
      const batch = toBatch(examples, featureNames.length);
      const preprocessMs = sinceStart();

      let answer: ModelAnswer;
      try {
        const pictures = examples.map((example) => example.pictures);
        answer = await runtime.infer(batch, examples.length, pictures);
      } catch (error) {
        fail(error, examples.length);
        return [];
      }
      const inferMs = sinceStart() - preprocessMs;
      onInferred?.(policy.name, inferMs, longestWait(examples, startedAt));
      const { values, modelVersion } = answer;
      const columns = values.length / examples.length;
      return examples.flatMap((example, index) => {
        const queue = Math.max(0, startedAt - example.packet.received_at);
        const timing = inMicroseconds({ queue, preprocess: preprocessMs, infer: inferMs, total: queue + sinceStart() });
        const row = values.subarray(index * columns, (index + 1) * columns);
        return predictionOf(row, modelVersion, example, timing).map((val) => toPacket(example.packet, val, now()));
      });
    },
  };
}

function toBatch(examples: readonly Example[], columns: number): Float32Array<ArrayBuffer> {
  const batch = new Float32Array(examples.length * columns);
  for (const [row, { vector }] of examples.entries()) batch.set(vector.features, row * columns);
  return batch;
}

/** Of a batch's packets, since the hub received them; in milliseconds. */
function longestWait(examples: readonly Example[], startedAt: number): number {
  let oldest = startedAt;
  for (const { packet } of examples) oldest = Math.min(oldest, packet.received_at);
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

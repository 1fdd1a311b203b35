/** `worker_to_hub` with a prediction: stored with its inputs, shown to viewers, and its command handed on. */
import type { PredictionRow } from "@physical-ai/db";
import {
  type Accepted,
  type Failure,
  failure,
  type Packet,
  type Prediction,
  validate,
} from "@physical-ai/unity-protocol";
import type { Commander } from "../commands/commander.ts";
import type { BatchWriter } from "../durable/batch-writer.ts";
import { type Observations, unobserved } from "../observations.ts";
import { problemWithFields, toStorable } from "../storable.ts";
import type { FanOut } from "./viewers.ts";

export interface Predictions {
  receive(packet: Packet, workerId: string): Accepted | Failure;
  /** Takes a packet whose prediction has been made out already, whatever its `val` says. */
  take(packet: Packet, prediction: Prediction, workerId: string): Accepted | Failure;
}

interface PredictionsDependencies {
  fanOut: Pick<FanOut, "prediction">;
  writer: Pick<BatchWriter<PredictionRow>, "add">;
  commander: Pick<Commander, "request">;
  observe?: Pick<Observations, "predicted">;
  now?: () => number;
}

/** Predictions wait in memory for every viewer that does not keep up. */
const maxResultLength = 256_000;

export function createPredictions({
  fanOut,
  writer,
  commander,
  observe = unobserved,
  now = Date.now,
}: PredictionsDependencies): Predictions {
  function take(packet: Packet, prediction: Prediction, workerId: string): Accepted | Failure {
    const result = toStorable(packet.val);
    if (!result.ok) return failure("unstorable", result.problem);
    if (result.blobs.length > 0) return failure("unstorable", "a prediction cannot hold binary");
    if (result.json.length > maxResultLength) {
      return failure("unstorable", `a prediction may be at most ${maxResultLength} characters of JSON`);
    }
    const fieldProblem = problemWithFields(packet, 0);
    if (fieldProblem !== undefined) return failure("unstorable", fieldProblem);

    fanOut.prediction(packet);
    writer.add(rowOf(packet, prediction, result.json, now()), workerId);
    if (prediction.command !== undefined) {
      const { stream_id: streamId, last_seq: seq } = prediction.input;
      commander.request(
        // The packet's robot, whatever else the command says.
        { ...prediction.command, robot_id: packet.robot_id, robot_type: packet.robot_type },
        { sender: `policy:${prediction.policy}`, streamId, seq },
      );
    }
    return { ok: true };
  }

  return {
    receive(packet, workerId) {
      const prediction = validate.prediction(packet.val);
      if (!prediction.ok) return failure("invalid_message", prediction.problem);
      const answer = take(packet, prediction.value, workerId);
      if (answer.ok) observe.predicted(prediction.value.timing.total);
      return answer;
    },
    take,
  };
}

function rowOf(packet: Packet, prediction: Prediction, resultJson: string, createdAt: number): PredictionRow {
  const { input, timing } = prediction;
  return {
    robotId: packet.robot_id,
    robotType: packet.robot_type,
    policy: prediction.policy,
    modelVersion: prediction.model_version,
    resultJson,
    streamId: input.stream_id,
    firstSeq: input.first_seq,
    lastSeq: input.last_seq,
    inferMs: timing.infer,
    totalMs: timing.total,
    createdAt,
  };
}

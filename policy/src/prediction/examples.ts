/** From packets to examples: what the model is asked about, complete and in time. */
import type { RawPacket } from "@physical-ai/unity-protocol";
import type { Policy } from "../file/policy.ts";
import { picturesOf } from "../file/policy-file.ts";
import { createPipeline, type Processed } from "../preprocessing/pipeline.ts";
import type { Counters } from "./counters.ts";
import { createPictureMemory, type Pictures } from "./pictures.ts";
import type { TroubleLog } from "./trouble-log.ts";

/** A packet that completes the model's input. */
export interface Example {
  readonly packet: RawPacket;
  readonly vector: Extract<Processed, { kind: "vector" }>;
  readonly pictures: Pictures;
}

export interface Examples {
  /** Takes the next packets; answers with those that complete an input, in their order. `startedAt` is the hub's time. */
  of(packets: readonly RawPacket[], startedAt: number): Example[];
}

export function createExamples(
  policy: Policy,
  { counters, skip }: Pick<TroubleLog, "skip"> & { counters: Counters },
): Examples {
  const { deadline_ms: deadlineMs } = policy.definition;
  const pipeline = createPipeline(policy);
  const memory = createPictureMemory(picturesOf(policy.definition));

  function remember(packet: RawPacket): void {
    const problem = memory.take(packet);
    if (problem === undefined) counters.absorbed += 1;
    else skip("invalid", 1, `${packet.robot_id} ${packet.type}: ${problem}`);
  }

  /** Late packets go through the steps too, so that no window gets a hole; only their predictions are left out. */
  function exampleOf(packet: RawPacket, startedAt: number): Example | undefined {
    const { robot_id: robot, type } = packet;
    if (memory.has(type)) return void remember(packet);
    const vector = pipeline.push(packet);
    if (vector.kind === "absorbed") counters.absorbed += 1;
    if (vector.kind === "invalid") skip("invalid", 1, `${robot} ${type}: ${vector.problem}`);
    if (vector.kind !== "vector") return undefined;
    const waitedMs = startedAt - packet.received_at;
    if (waitedMs > deadlineMs) {
      return void skip("deadline", 1, `${robot} waited ${Math.round(waitedMs)} ms; the deadline is ${deadlineMs} ms`);
    }
    const seen = memory.of(robot);
    if ("pictures" in seen) return { packet, vector, pictures: seen.pictures };
    return void skip("incomplete", 1, `${robot} has sent no ${seen.missing.join(", ")}`);
  }

  return {
    of: (packets, startedAt) => packets.flatMap((packet) => exampleOf(packet, startedAt) ?? []),
  };
}

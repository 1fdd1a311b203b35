/** From packets to examples: what the model is asked about, complete and in time. */
import type { RawPacket } from "@physical-ai/unity-protocol";
import type { Policy } from "../file/policy.ts";
import { picturesOf } from "../file/schema.ts";
import { Pipeline, type Processed } from "../preprocessing/pipeline.ts";
import type { Pictures } from "../runtime.ts";
import type { PacketCounters } from "./counters.ts";
import { PictureMemory } from "./pictures.ts";

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

/** @param counters are told of the packets that complete none */
export function createExamples(policy: Policy, counters: PacketCounters): Examples {
  const { deadline_ms: deadlineMs } = policy.definition;
  const pipeline = new Pipeline(policy);
  const memory = new PictureMemory(picturesOf(policy.definition));

  function remember(packet: RawPacket): void {
    const problem = memory.take(packet);
    if (problem === undefined) counters.absorbed += 1;
    else counters.skip("invalid", 1, `${packet.robot_id} ${packet.type}: ${problem}`);
  }

  /** Late packets go through the steps too, so that no window gets a hole; only their predictions are left out. */
  function exampleOf(packet: RawPacket, startedAt: number): Example | undefined {
    const { robot_id: robot, type } = packet;
    if (memory.has(type)) return void remember(packet);
    const vector = pipeline.push(packet);
    if (vector.kind === "absorbed") counters.absorbed += 1;
    if (vector.kind === "invalid") counters.skip("invalid", 1, `${robot} ${type}: ${vector.problem}`);
    if (vector.kind !== "vector") return undefined;
    const waitedMs = startedAt - packet.received_at;
    if (waitedMs > deadlineMs) {
      return void counters.skip(
        "deadline",
        1,
        `${robot} waited ${Math.round(waitedMs)} ms; the deadline is ${deadlineMs} ms`,
      );
    }
    const seen = memory.of(robot);
    if ("pictures" in seen) return { packet, vector, pictures: seen.pictures };
    return void counters.skip("incomplete", 1, `${robot} has sent no ${seen.missing.join(", ")}`);
  }

  return {
    of: (packets, startedAt) => packets.flatMap((packet) => exampleOf(packet, startedAt) ?? []),
  };
}

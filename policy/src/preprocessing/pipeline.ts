/** Runs a policy's steps over the packets of many robots, each with a memory of its own. */
import type { PredictionInput, RawPacket } from "@physical-ai/unity-protocol";
import { decodeRow, fieldOf, type NumberSource } from "./decode.ts";
import type { Frame, Row, Stage } from "./step.ts";

/** A robot that is silent for so long is forgotten, by the hub's clock. */
const forgottenAfterMs = 10 * 60_000;
/** The most robots and types whose past is kept; those that were heard longest ago go first. */
const mostMemories = 10_000;

/** The part of a policy that a pipeline runs. */
export interface PipelineOptions {
  readonly definition: {
    readonly listens_to: NumberSource;
    readonly continuity?: { readonly max_gap_ms?: number; readonly reset_on?: string };
  };
  /** The steps, before their first packet. */
  readonly stages: readonly Stage[];
}

/** What became of a packet. */
export type Processed =
  /** The model's inputs, one a feature, and the packets that they were made from. */
  | { readonly kind: "vector"; readonly features: readonly number[]; readonly input: PredictionInput }
  /** The steps keep it and wait for more. */
  | { readonly kind: "absorbed" }
  /** It does not hold the numbers that the policy expects. */
  | { readonly kind: "invalid"; readonly problem: string };

/** What is remembered of one robot and data type. */
interface Memory {
  readonly stages: readonly Stage[];
  readonly streamId: string | undefined;
  readonly recording: unknown;
  /** Of the newest packet: when it was made, and when the hub received it. */
  readonly ts: number;
  readonly receivedAt: number;
}

/** The preprocessing of a policy. No step ever works across a hole in a robot's readings: its memory is then dropped. */
export class Pipeline {
  readonly #options: PipelineOptions;
  /** A Map keeps the order in which keys were set, so those heard longest ago come first. */
  readonly #memories = new Map<string, Memory>();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Takes a robot's next packet, in the order of its stream. */
  push(packet: RawPacket): Processed {
    const { definition, stages } = this.#options;
    // The length keeps ids and types apart.
    const key = `${packet.robot_id.length} ${packet.robot_id}${packet.type}`;
    const memory = this.#memories.get(key);
    this.#memories.delete(key);
    this.#forgetTheSilent(packet.received_at);

    const row = decodeRow(definition.listens_to, packet.val);
    if (!row.ok) return { kind: "invalid", problem: row.problem };

    const past = memory !== undefined && this.#continues(memory, packet) ? memory.stages : stages;
    const { output, next } = runStages(past, { rows: [row.value], ts: madeAt(packet), firstSeq: packet.seq });
    this.#memories.set(key, {
      stages: next,
      streamId: packet.stream_id,
      recording: this.#recordingOf(packet),
      ts: madeAt(packet),
      receivedAt: packet.received_at,
    });
    if (output === undefined) return { kind: "absorbed" };
    return { kind: "vector", features: joined(output.rows), input: inputOf(packet, output) };
  }

  #continues(memory: Memory, packet: RawPacket): boolean {
    const { max_gap_ms: maxGapMs = Number.POSITIVE_INFINITY } = this.#options.definition.continuity ?? {};
    return (
      packet.gap === undefined &&
      packet.stream_id === memory.streamId &&
      Math.abs(madeAt(packet) - memory.ts) <= maxGapMs &&
      this.#recordingOf(packet) === memory.recording
    );
  }

  #recordingOf({ val }: RawPacket): unknown {
    const { reset_on: field } = this.#options.definition.continuity ?? {};
    return field === undefined ? undefined : fieldOf(val, field);
  }

  #forgetTheSilent(now: number): void {
    for (const [key, { receivedAt }] of this.#memories) {
      if (this.#memories.size < mostMemories && now - receivedAt <= forgottenAfterMs) return;
      this.#memories.delete(key);
    }
  }
}

const noNumbers: Row = [];

/** All numbers of a frame, side by side: `flat` would put each of them into an object of its own. */
const joined = (rows: readonly Row[]): Row => noNumbers.concat(...rows);

/** Passes a frame from stage to stage until one keeps it. */
function runStages(stages: readonly Stage[], frame: Frame): { output: Frame | undefined; next: readonly Stage[] } {
  let output: Frame | undefined = frame;
  const next = stages.map((stage) => {
    if (output === undefined) return stage;
    const pushed = stage.push(output);
    output = pushed.output;
    return pushed.next;
  });
  return { output, next };
}

/** On the relay's clock; where it does not say, when the hub received it. */
function madeAt({ ts, received_at }: RawPacket): number {
  return ts ?? received_at;
}

/** Assigned one by one: spreading objects costs more than a whole step. */
function inputOf(newest: RawPacket, { firstSeq, ts }: Frame): PredictionInput {
  const input: PredictionInput = { ts };
  if (newest.stream_id !== undefined) input.stream_id = newest.stream_id;
  if (firstSeq !== undefined) input.first_seq = firstSeq;
  if (newest.seq !== undefined) input.last_seq = newest.seq;
  return input;
}

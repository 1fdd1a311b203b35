/** Plays chunks of actions out: each step falls due at its time, and a newer chunk takes the place of an older one. */
import { randomUUID } from "node:crypto";
import type { PredictedCommand, Prediction } from "@physical-ai/unity-protocol";
import type { PolicyFile } from "../file/schema.ts";
import type { PredictionPacket } from "./predictor.ts";

export interface ChunkPlayerDependencies {
  /** Gets each step as a prediction with its command, when it is due. */
  readonly emit: (step: PredictionPacket) => void;
  /** The hub's time, epoch milliseconds. */
  readonly now: () => number;
}

/** A chunk under way. */
interface Plan {
  readonly packet: PredictionPacket;
  readonly steps: readonly (readonly number[])[];
  /** When the first step was due. */
  readonly startsAt: number;
}

/** What a player knows of its policy. */
interface ChunkPlayerOptions {
  readonly labels: readonly string[];
  readonly dtMs: number;
  readonly action: string;
  readonly ttlMs: number | undefined;
}

/** The player of a policy; none where its file asks for no command of each step. */
export function createChunkPlayer(
  dependencies: ChunkPlayerDependencies,
  { output, command }: PolicyFile,
): ChunkPlayer | undefined {
  if (output.kind !== "action_chunk" || command?.each_step === undefined) return undefined;
  const { labels, dt_ms: dtMs } = output;
  return new ChunkPlayer(dependencies, { labels, dtMs, action: command.each_step.action, ttlMs: command.ttl_ms });
}

export class ChunkPlayer {
  readonly #dependencies: ChunkPlayerDependencies;
  readonly #options: ChunkPlayerOptions;
  /** By robot: of its next step. */
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(dependencies: ChunkPlayerDependencies, options: ChunkPlayerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
  }

  /**
   * Begins a robot's chunk in the place of what is left of the one before. Its first step was due when the hub received
   * what the policy saw: steps that the policy's own time has made late are left out.
   */
  play(packet: PredictionPacket): void {
    const { action, timing } = packet.val;
    if (action === undefined || !("steps" in action)) return;
    clearTimeout(this.#timers.get(packet.robot_id));
    const startsAt = this.#dependencies.now() - timing.total;
    const firstStillDue = Math.ceil(timing.total / this.#options.dtMs);
    this.#schedule({ packet, steps: action.steps, startsAt }, firstStillDue);
  }

  /** Plays nothing more. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(plan: Plan, step: number): void {
    const { robot_id } = plan.packet;
    const action = plan.steps[step];
    if (action === undefined) {
      this.#timers.delete(robot_id);
      return;
    }
    const { emit, now } = this.#dependencies;
    const play = () => {
      emit(this.#stepOf(plan.packet, step, action));
      this.#schedule(plan, step + 1);
    };
    const dueAt = plan.startsAt + step * this.#options.dtMs;
    this.#timers.set(robot_id, setTimeout(play, Math.max(0, dueAt - now())));
  }

  #stepOf(packet: PredictionPacket, step: number, numbers: readonly number[]): PredictionPacket {
    const val: Prediction = { ...packet.val, action: [...numbers], step, command: this.#commandOf(numbers) };
    return { ...packet, ts: this.#dependencies.now(), val };
  }

  #commandOf(numbers: readonly number[]): PredictedCommand {
    const { labels, action, ttlMs } = this.#options;
    const params = Object.fromEntries(labels.map((label, index) => [label, numbers[index]]));
    return { action, params, command_id: randomUUID(), ...(ttlMs === undefined ? {} : { ttl_ms: ttlMs }) };
  }
}

/** Plays chunks of actions out: each step falls due at its time, and a newer chunk takes the place of an older one. */
import { randomUUID } from "node:crypto";
import type { PredictedCommand, Prediction } from "@physical-ai/unity-protocol";
import type { PolicyFile } from "../file/policy-file.ts";
import type { PredictionPacket } from "./predictor.ts";

export interface ChunkPlayer {
  /**
   * Begins a robot's chunk in the place of what is left of the one before. Its first step was due when the hub received
   * what the policy saw: steps that the policy's own time has made late are left out.
   */
  play(chunk: PredictionPacket): void;
  /** Plays nothing more. */
  close(): void;
}

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

/** The player of a policy; none where its file asks for no command of each step. */
export function createChunkPlayer(
  { emit, now }: ChunkPlayerDependencies,
  { output, command }: PolicyFile,
): ChunkPlayer | undefined {
  if (output.kind !== "action_chunk" || command?.each_step === undefined) return undefined;
  const { labels, dt_ms: dtMs } = output;
  const { each_step: wanted, ttl_ms: ttl } = command;
  const timers = new Map<string, NodeJS.Timeout>();

  function schedule(plan: Plan, step: number): void {
    const { robot_id } = plan.packet;
    const action = plan.steps[step];
    if (action === undefined) {
      timers.delete(robot_id);
      return;
    }
    const play = () => {
      emit(stepOf(plan.packet, step, action));
      schedule(plan, step + 1);
    };
    timers.set(robot_id, setTimeout(play, Math.max(0, plan.startsAt + step * dtMs - now())));
  }

  function stepOf(packet: PredictionPacket, step: number, numbers: readonly number[]): PredictionPacket {
    const val: Prediction = { ...packet.val, action: [...numbers], step, command: commandOf(numbers) };
    return { ...packet, ts: now(), val };
  }

  function commandOf(numbers: readonly number[]): PredictedCommand {
    const params = Object.fromEntries(labels.map((label, index) => [label, numbers[index]]));
    return { ...wanted, params, command_id: randomUUID(), ...(ttl === undefined ? {} : { ttl_ms: ttl }) };
  }

  return {
    play(packet) {
      const { action, timing } = packet.val;
      if (action === undefined || !("steps" in action)) return;
      clearTimeout(timers.get(packet.robot_id));
      const startsAt = now() - timing.total;
      const firstStillDue = Math.ceil(timing.total / dtMs);
      schedule({ packet, steps: action.steps, startsAt }, firstStillDue);
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

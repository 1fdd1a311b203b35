import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadPolicyOf } from "../testing/packets.ts";
import { createChunkPlayer } from "./chunk-player.ts";
import type { PredictionPacket } from "./predictor.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const chunks = {
  model: "model: { runtime: container, endpoint: tcp://127.0.0.1:5555 }",
  output: "output: { kind: action_chunk, labels: [left, right], dt_ms: 10 }",
  command: "command: { ttl_ms: 30, each_step: { action: wheels } }",
};

/** A chunk whose first number counts its steps from `first`, of a policy that took `total` ms. */
function chunkOf(first: number, steps: number, total: number, robot_id = "r1"): PredictionPacket {
  return {
    robot_id,
    robot_type: "EP01",
    type: "ai_prediction",
    val: {
      policy: "pair",
      model_version: "1",
      kind: "action",
      action: { steps: Array.from({ length: steps }, (_, step) => [first + step, 0]), dt_ms: 10 },
      input: {},
      timing: { queue: 0, preprocess: 0, infer: total, total },
    },
  };
}

async function createPlayer() {
  const { definition } = await loadPolicyOf(chunks);
  const played: PredictionPacket[] = [];
  const player = createChunkPlayer({ emit: (step) => played.push(step), now: Date.now }, definition);
  if (player === undefined) throw new Error("expected a player");
  return { player, played, steps: () => played.map(({ val }) => val.command?.params?.["left"]) };
}

test("plays each step at its time, as a command", async () => {
  const { player, played, steps } = await createPlayer();
  player.play(chunkOf(0, 3, 0));
  await vi.advanceTimersByTimeAsync(0);
  expect(steps()).toEqual([0]);
  await vi.advanceTimersByTimeAsync(10);
  expect(steps()).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(steps()).toEqual([0, 1, 2]);
  expect(played[2]).toMatchObject({
    robot_id: "r1",
    val: {
      kind: "action",
      action: [2, 0],
      step: 2,
      command: { action: "wheels", params: { left: 2, right: 0 }, ttl_ms: 30 },
    },
  });
});

test("leaves out the steps that the policy's own time has made late", async () => {
  const { player, steps } = await createPlayer();
  player.play(chunkOf(0, 4, 15));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(steps()).toEqual([2, 3]);
});

test("a newer chunk takes the place of what is left, and other robots go on", async () => {
  const { player, steps } = await createPlayer();
  player.play(chunkOf(0, 5, 0));
  player.play(chunkOf(50, 2, 0, "r2"));
  await vi.advanceTimersByTimeAsync(10);
  player.play(chunkOf(100, 2, 0));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(steps()).toEqual([0, 50, 1, 51, 100, 101]);
});

test("plays nothing more when it is closed", async () => {
  const { player, steps } = await createPlayer();
  player.play(chunkOf(0, 5, 0));
  player.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(steps()).toEqual([]);
});

test("there is none where no command is asked for", async () => {
  const { command: _, ...silent } = chunks;
  const { definition } = await loadPolicyOf(silent);
  expect(createChunkPlayer({ emit: () => undefined, now: Date.now }, definition)).toBeUndefined();
});

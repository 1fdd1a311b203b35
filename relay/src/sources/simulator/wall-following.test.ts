/** The simulator's honesty: the rule that drove the recorded robot drives this one too, in every room. */
import type { Packet } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { Simulator } from "./simulator.ts";

const speeds = {
  "Move-Forward": { linear: 0.3, angular: 0 },
  "Slight-Right-Turn": { linear: 0.25, angular: -0.4 },
  "Slight-Left-Turn": { linear: 0.25, angular: 0.4 },
  "Sharp-Right-Turn": { linear: 0.05, angular: -0.8 },
} as const;

/** The recorded robot's rule: ranges S11–S15 are ahead, S18–S20 on the left. */
function recordedRule(ranges: readonly number[]): keyof typeof speeds {
  const ahead = Math.min(...ranges.slice(10, 15));
  const left = Math.min(...ranges.slice(17, 20));
  if (ahead <= 0.9) return "Sharp-Right-Turn";
  if (left <= 0.5) return "Slight-Right-Turn";
  return left > 0.9 ? "Slight-Left-Turn" : "Move-Forward";
}

function rangesOf(packets: readonly Packet[]): number[] | undefined {
  const packet = packets.find(({ type }) => type === "ultrasound");
  return (packet?.val as { ranges: number[] } | undefined)?.ranges;
}

/** Drives for so many simulated seconds; answers what became of it. */
function followWall(seed: number, seconds: number) {
  const simulator = new Simulator({ seed });
  const middle = { x: 3, y: 2.7 };
  const bearing = () => Math.atan2(simulator.state.pose.y - middle.y, simulator.state.pose.x - middle.x);
  let last = bearing();
  let turned = 0;
  let leastClearance = Number.POSITIVE_INFINITY;
  while (simulator.state.timeMs < seconds * 1_000) {
    const ranges = rangesOf(simulator.step(10));
    const now = bearing();
    turned += Math.atan2(Math.sin(now - last), Math.cos(now - last));
    last = now;
    leastClearance = Math.min(leastClearance, simulator.state.clearance);
    if (ranges === undefined) continue;
    const action = recordedRule(ranges);
    simulator.apply({ action: "drive", params: speeds[action] });
  }
  return { clockwiseLaps: -turned / (2 * Math.PI), collisions: simulator.state.collisions, leastClearance };
}

describe("the recorded rule follows the wall for 120 s without touching it", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("in the room of seed %i", (seed) => {
    const run = followWall(seed, 120);
    expect(run.collisions).toBe(0);
    expect(run.leastClearance).toBeGreaterThan(0.1);
    expect(run.clockwiseLaps).toBeGreaterThan(1);
  });
});

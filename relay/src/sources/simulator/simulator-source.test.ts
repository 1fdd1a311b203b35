import { randomUUID } from "node:crypto";
import type { Packet } from "@physical-ai/unity-protocol";
import { expect, it } from "vitest";
import { SimulatorSource } from "./simulator-source.ts";

it("runs several robots in real time, each with its id, and ends when it is stopped", async () => {
  const source = new SimulatorSource({ robots: 3, seed: 4 });
  expect(source.robots.map(({ robotId }) => robotId)).toEqual(["EP01", "EP01_02", "EP01_03"]);
  const packets: Packet[] = [];
  const before = Date.now();
  await new Promise<void>((enough) => {
    source.start({
      accept: async (given) => {
        packets.push(...given);
        if (new Set(packets.map((packet) => packet.robot_id)).size === 3) enough();
      },
      ready: async () => undefined,
    });
  });
  await source.stop();
  await source.finished;
  for (const { ts = 0 } of packets) {
    expect(ts).toBeGreaterThan(before - 1_100);
    expect(ts).toBeLessThanOrEqual(Date.now());
  }
});

it("hands commands to the robot that they name", async () => {
  const source = new SimulatorSource({ robots: 2 });
  const stop = { command_id: randomUUID(), action: "stop", expires_at: 0, ttl_ms: 0 };
  expect(await source.execute({ ...stop, robot_id: "EP01_02" })).toEqual({ status: "acknowledged" });
  expect(await source.execute({ ...stop, robot_id: "EP09" })).toEqual({
    status: "failed",
    result: { message: "no robot EP09 here" },
  });
  await source.stop();
});

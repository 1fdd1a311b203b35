import { randomUUID } from "node:crypto";
import type { PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";
import { validate } from "@physical-ai/unity-protocol";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, newRobot, packetsOf, startInProcessHub, type TestClient } from "../src/in-process-hub.ts";

let scene: InProcessHub;
let relay: TestClient;
beforeAll(async () => {
  // No packet is to grow too old for a worker because the machine is slow.
  scene = await startInProcessHub(inject("postgresUrl"), { maxLiveAgeMs: 600_000 });
  relay = await scene.join({ role: "relay", id: "relay-1", protocol: 1 });
});
afterAll(() => scene.close());

interface TestWorker extends TestClient {
  /** Every packet that came, in order, and how many came at once. */
  packets: RawPacket[];
  sizes: number[];
  /** Asks for more, once for each array that came. */
  done(): void;
}

/** A protocol-1 worker that asks for more at once, unless it is `busy` until `done()`. */
async function joinWorker(id: string, policies: PolicySubscription[], busy = false, at = scene): Promise<TestWorker> {
  const client = await at.connect();
  const packets: RawPacket[] = [];
  const sizes: number[] = [];
  const waiting: (() => void)[] = [];
  client.socket.on("process_raw", (message, _policy, done) => {
    const array = validate.rawPackets(message);
    if (!array.ok) throw new Error(array.problem);
    packets.push(...array.value);
    sizes.push(array.value.length);
    if (busy && done !== undefined) waiting.push(done);
    else done?.();
  });
  const answer = await client.ask("register", { role: "brain_worker", id, protocol: 1, policies });
  expect(answer).toMatchObject({ ok: true });
  const done = () => {
    for (const one of waiting.splice(0)) one();
  };
  return { ...client, packets, sizes, done };
}

const policyOf = (type: string, delivery: PolicySubscription["delivery"]): PolicySubscription => ({
  name: `policy-${type}`,
  types: [type],
  delivery,
});
const valuesOf = (worker: TestWorker) => worker.packets.map((packet) => packet.val);

describe("process_raw", () => {
  it("brings a protocol-1 worker what its policy asked for, with its place in the stream", async () => {
    const [robot, stream_id, type] = [newRobot(), randomUUID(), "ultrasound"];
    const worker = await joinWorker("w-place", [{ ...policyOf(type, "every"), robot_types: ["EP01"] }]);
    const before = Date.now();
    const ranges = { type, val: [1.5, 5] };
    const packets = [
      ...packetsOf(robot, 1, 1, { ...ranges, ts: before }),
      ...packetsOf(robot, 2, 1, { type: "battery" }),
      ...packetsOf(robot, 3, 1, { type, robot_type: "GO1" }),
      ...packetsOf(robot, 4, 1, ranges),
    ];
    await relay.ask("relay_to_hub", { stream_id, first_seq: 1, packets });
    await eventually(() => expect(worker.packets).toHaveLength(2));
    const common = { robot_id: robot, robot_type: "EP01", ...ranges, stream_id, received_at: expect.any(Number) };
    expect(worker.packets).toEqual([
      { ...common, ts: before, seq: 1 },
      { ...common, seq: 4 },
    ]);
    expect(worker.packets[0]?.received_at).toBeGreaterThanOrEqual(before);
    worker.close();
  });

  it("latest: while a worker is busy only the newest packet of each robot waits", async () => {
    const [one, two, type] = [newRobot(), newRobot(), "latest-imu"];
    const worker = await joinWorker("w-latest", [policyOf(type, "latest")], true);
    await relay.ask("relay_to_hub", packetsOf(one, 1, 1, { type }));
    await eventually(() => expect(worker.packets).toHaveLength(1));
    for (const value of [2, 3, 4]) await relay.ask("relay_to_hub", packetsOf(one, value, 1, { type }));
    await relay.ask("relay_to_hub", packetsOf(two, 9, 1, { type }));
    expect(valuesOf(worker)).toEqual([1]);
    worker.done();
    await eventually(() => expect(valuesOf(worker)).toEqual([1, 4, 9]));
    worker.close();
  });

  it("every: brings all packets in order, however slow the worker", async () => {
    const [robot, type] = [newRobot(), "every-imu"];
    const worker = await joinWorker("w-every", [policyOf(type, "every")], true);
    for (let first = 1; first <= 200; first += 20)
      await relay.ask("relay_to_hub", packetsOf(robot, first, 20, { type }));
    expect(worker.sizes.length).toBeLessThanOrEqual(2);
    await eventually(() => {
      worker.done();
      expect(worker.packets).toHaveLength(200);
    });
    expect(valuesOf(worker)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(worker.packets.every((packet) => packet.gap === undefined)).toBe(true);
    worker.close();
  });

  it("spreads robots over the workers of a policy, and moves only those of one that leaves", async () => {
    const type = "spread-imu";
    const workers = await Promise.all(["a", "b", "c"].map((id) => joinWorker(`w-${id}`, [policyOf(type, "every")])));
    const robots = Array.from({ length: 45 }, newRobot);
    const ownerOf = (robot: string, value: number) =>
      workers.filter(({ packets }) => packets.some((packet) => packet.robot_id === robot && packet.val === value));
    const send = async (value: number) => {
      await relay.ask(
        "relay_to_hub",
        robots.flatMap((robot) => packetsOf(robot, value, 1, { type })),
      );
      await eventually(() => {
        for (const robot of robots) expect(ownerOf(robot, value)).toHaveLength(1);
      });
      return robots.map((robot) => ownerOf(robot, value)[0]);
    };
    const before = await send(1);
    expect(await send(2)).toEqual(before);
    for (const worker of workers) expect(before.filter((owner) => owner === worker).length).toBeGreaterThan(0);

    const [leaving] = workers;
    const viewer = await scene.join({ role: "viewer", id: "v", protocol: 1, filter: { robots: ["w-a"], types: [] } });
    leaving?.close();
    await eventually(() => expect(viewer.heard("robot_status").at(-1)).toMatchObject({ id: "w-a", status: "offline" }));
    const after = await send(3);
    for (const [index, owner] of before.entries()) {
      if (owner === leaving) expect(after[index]).not.toBe(leaving);
      else expect(after[index]).toBe(owner);
    }
    viewer.close();
    for (const worker of workers) worker.close();
  });

  it("leaves out what is older than five seconds, which is stored all the same", async () => {
    const [robot, type] = [newRobot(), "old-imu"];
    const usual = await startInProcessHub(inject("postgresUrl"));
    const worker = await joinWorker("w-old", [policyOf(type, "every")], false, usual);
    const sender = await usual.join({ role: "relay", id: "relay-1", protocol: 1 });
    await sender.ask("relay_to_hub", [
      ...packetsOf(robot, 1, 1, { type, ts: Date.now() - 6_000 }),
      ...packetsOf(robot, 2, 1, { type, ts: Date.now() }),
    ]);
    await eventually(() => expect(worker.packets.length).toBeGreaterThan(0));
    expect(valuesOf(worker)).toEqual([2]);
    expect(await usual.rowsOf(robot)).toHaveLength(2);
    await usual.close();
  });

  it("brings binary as bytes", async () => {
    const [robot, type] = [newRobot(), "image/front"];
    const worker = await joinWorker("w-image", [policyOf(type, "latest")]);
    await relay.ask("relay_to_hub", packetsOf(robot, 1, 1, { type, val: Buffer.from("a frame") }));
    await eventually(() => expect(valuesOf(worker)).toEqual([Buffer.from("a frame")]));
    worker.close();
  });
});

describe("worker_to_hub", () => {
  it("stores telemetry that a worker decoded, and shows it", async () => {
    const robot = newRobot();
    const viewer = await scene.join({ role: "viewer", id: "v", protocol: 1, filter: { robots: [robot] } });
    const worker = await joinWorker("w-decoder", []);
    const [packet] = packetsOf(robot, 87, 1, { type: "battery" });
    expect(await worker.ask("worker_to_hub", packet)).toEqual({ ok: true });
    expect(await scene.rowsOf(robot)).toEqual([["battery", 87, null]]);
    await eventually(() => expect(viewer.heard("update_data")).toEqual([packet]));
    worker.close();
  });

  it("refuses what is no packet", async () => {
    const worker = await joinWorker("w-wrong", []);
    expect(await worker.ask("worker_to_hub", { type: "battery" })).toMatchObject({
      error: { code: "invalid_message", message: expect.stringContaining("robot_id") },
    });
    worker.close();
  });
});

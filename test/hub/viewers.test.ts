import type { ViewerFilter } from "@physical-ai/unity-protocol";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, newRobot, packetsOf, startInProcessHub, type TestClient } from "../src/in-process-hub.ts";

let scene: InProcessHub;
let relay: TestClient;
beforeAll(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
  relay = await scene.join({ role: "relay", id: "relay-1", protocol: 1 });
});
afterAll(() => scene.close());

let viewers = 0;
const joinViewer = (filter: ViewerFilter) =>
  scene.join({ role: "viewer", id: `viewer-${++viewers}`, protocol: 1, filter });
const send = (robot: string, value: number, type = "imu") =>
  relay.ask("relay_to_hub", packetsOf(robot, value, 1, { type }));
const valuesOf = (viewer: TestClient) => viewer.heard("update_data").map((packet) => (packet as { val: unknown }).val);

describe("update_data", () => {
  it("shows a packet as the relay sent it, unknown fields included", async () => {
    const robot = newRobot();
    const viewer = await joinViewer({ robots: [robot] });
    const packet = { ...packetsOf(robot, 87, 1)[0], ts: Date.now(), firmware: "1.0.4" };
    await relay.ask("relay_to_hub", packet);
    await eventually(() => expect(viewer.heard("update_data")).toEqual([packet]));
  });

  it("brings each viewer the robots and types that it asked for", async () => {
    const [one, two] = [newRobot(), newRobot()];
    const [ofOne, imuOfBoth, nothing] = [
      await joinViewer({ robots: [one] }),
      await joinViewer({ robots: [one, two], types: ["imu"] }),
      await joinViewer({ robots: [] }),
    ];
    await send(one, 1);
    await send(one, 2, "battery");
    await send(two, 3);
    await send(two, 4, "battery");
    await eventually(() => {
      expect(valuesOf(ofOne)).toEqual([1, 2]);
      expect(valuesOf(imuOfBoth)).toEqual([1, 3]);
    });
    expect(valuesOf(nothing)).toEqual([]);
  });

  it("shows a new viewer how things stand: the newest value of each robot and type", async () => {
    const robot = newRobot();
    for (const value of [1, 2, 3]) await send(robot, value);
    await send(robot, 87, "battery");
    const viewer = await joinViewer({ robots: [robot] });
    await eventually(() => expect(valuesOf(viewer)).toEqual([3, 87]));
    expect(viewer.heard("robot_status")).toMatchObject([{ kind: "robot", id: robot, status: "online" }]);
  });

  it("registers again with another filter", async () => {
    const [one, two] = [newRobot(), newRobot()];
    const viewer = await joinViewer({ robots: [one] });
    await viewer.ask("register", { role: "viewer", id: "viewer-again", protocol: 1, filter: { robots: [two] } });
    await send(one, 1);
    await send(two, 2);
    await eventually(() => expect(valuesOf(viewer)).toEqual([2]));
  });

  it("keeps to max_hz, and the newest value comes in the end", async () => {
    const robot = newRobot();
    const [calm, eager] = [await joinViewer({ robots: [robot], max_hz: 1 }), await joinViewer({ robots: [robot] })];
    const all = Array.from({ length: 20 }, (_, index) => index + 1);
    await relay.ask("relay_to_hub", packetsOf(robot, 1, all.length));
    await eventually(() => {
      expect(valuesOf(eager)).toEqual(all);
      expect(valuesOf(calm)).toEqual([1, all.length]);
    });
  });

  it("does not show what is older than five seconds, which is stored all the same", async () => {
    const robot = newRobot();
    const viewer = await joinViewer({ robots: [robot] });
    await relay.ask("relay_to_hub", [
      ...packetsOf(robot, 1, 1, { ts: Date.now() - 6_000 }),
      ...packetsOf(robot, 2, 1, { ts: Date.now() }),
    ]);
    await eventually(() => expect(valuesOf(viewer)).toEqual([2]));
    expect((await scene.rowsOf(robot)).map(([, value]) => value)).toEqual([1, 2]);
    const late = await joinViewer({ robots: [robot] });
    await eventually(() => expect(valuesOf(late)).toEqual([2]));
  });
});

describe("robot_status", () => {
  it("does not call a robot online for what its relay kept during an outage", async () => {
    const robot = newRobot();
    const viewer = await joinViewer({ robots: [robot] });
    await relay.ask("relay_to_hub", packetsOf(robot, 1, 1, { ts: Date.now() - 60_000 }));
    // An answer comes after everything that was sent before it.
    await viewer.socket.emitWithAck("clock");
    expect(viewer.heard("robot_status")).toEqual([]);
    await relay.ask("relay_to_hub", packetsOf(robot, 2, 1, { ts: Date.now() }));
    await eventually(() => expect(viewer.heard("robot_status")).toMatchObject([{ id: robot, status: "online" }]));
  });

  it("tells of robots and workers that come and go", async () => {
    const robot = newRobot();
    const viewer = await joinViewer({ robots: [robot, "worker-7"] });
    const own = await scene.join({ role: "relay", id: "relay-2", protocol: 1 });
    await own.ask("relay_to_hub", packetsOf(robot, 1, 1));
    const worker = await scene.join({ role: "brain_worker", id: "worker-7", protocol: 1 });
    own.close();
    await eventually(() => expect(viewer.heard("robot_status")).toHaveLength(3));
    worker.close();
    const at = expect.any(Number);
    await eventually(() =>
      expect(viewer.heard("robot_status")).toEqual([
        { kind: "robot", id: robot, robot_type: "EP01", status: "online", at },
        { kind: "brain_worker", id: "worker-7", status: "online", at },
        { kind: "robot", id: robot, robot_type: "EP01", status: "offline", at },
        { kind: "brain_worker", id: "worker-7", status: "offline", at },
      ]),
    );
  });
});

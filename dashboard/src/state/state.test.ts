import type { Packet } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { presenceOf, State } from "./state.ts";

const packet = (type: string, val: unknown, robotId = "EP01"): Packet => ({
  robot_id: robotId,
  robot_type: "EP01",
  type,
  val,
});

function newState() {
  const changes = { count: 0 };
  const state = new State(() => {
    changes.count += 1;
  });
  return { state, changes };
}

describe("telemetry", () => {
  it("keeps the newest value of each type and says that something changed", () => {
    const { state, changes } = newState();
    state.takePacket(packet("battery", 88), 1_000);
    state.takePacket(packet("battery", 87), 2_000);
    const robot = state.robots.get("EP01");
    expect(robot?.readings.get("battery")?.value).toBe(87);
    expect(robot?.battery).toBe(87);
    expect(changes.count).toBe(2);
  });

  it("keeps a bounded minute of a scalar however fast it comes", () => {
    const { state } = newState();
    for (let at = 0; at < 300_000; at += 10) state.takePacket(packet("speed", at), at);
    const samples = state.robots.get("EP01")?.readings.get("speed")?.history.items ?? [];
    expect(samples).toHaveLength(240);
    expect((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)).toBeGreaterThan(55_000);
  });

  it("collects the scene, and leaves alone what has another shape", () => {
    const { state } = newState();
    state.takePacket(packet("map", { walls: [[0, 0, 1, 0]], radius: 0.3 }), 0);
    state.takePacket(packet("odom", { x: 1, y: 2, yaw: 0 }), 0);
    state.takePacket(packet("ultrasound", { ranges: [1, "2"] }), 0);
    state.takePacket(packet("impact", { x: 1, y: 2, speed: 0.4 }), 0);
    const scene = state.robots.get("EP01")?.scene;
    expect(scene?.room?.radius).toBe(0.3);
    expect(scene?.pose).toEqual({ x: 1, y: 2, yaw: 0 });
    expect(scene?.ranges).toBeUndefined();
    expect(scene?.bumps.items).toHaveLength(1);
    expect(scene?.revision).toBe(3);
  });

  it("marks a bump once, though it is told again", () => {
    const { state } = newState();
    state.takePacket(packet("impact", { x: 1, y: 2, speed: 0.4 }), 0);
    state.takePacket(packet("impact", { x: 1, y: 2, speed: 0.4 }), 1);
    state.takePacket(packet("impact", { x: 1, y: 3, speed: 0.4 }), 2);
    expect(state.robots.get("EP01")?.scene.bumps.items).toHaveLength(2);
  });

  it("forgets the longest silent robots and never the selected one", () => {
    const { state } = newState();
    for (let index = 0; index < 300; index += 1) state.takePacket(packet("battery", 1, `R${index}`), index);
    expect(state.robots.size).toBe(200);
    expect(state.selected?.id).toBe("R0");
    expect(state.robots.has("R1")).toBe(false);
    expect(state.robots.has("R299")).toBe(true);
  });
});

describe("selection", () => {
  it("starts with the first robot that sends something, and follows people afterwards", () => {
    const { state } = newState();
    state.takeStatus({ kind: "robot", id: "asleep", status: "offline", at: 0 }, 0);
    expect(state.selected).toBeUndefined();
    state.takePacket(packet("battery", 1, "A"), 0);
    state.takePacket(packet("battery", 1, "B"), 0);
    expect(state.selected?.id).toBe("A");
    state.select("asleep");
    state.takePacket(packet("battery", 1, "A"), 0);
    expect(state.selected?.id).toBe("asleep");
  });
});

describe("presence", () => {
  it("is what the hub said last, unless packets came since", () => {
    const { state } = newState();
    state.takePacket(packet("battery", 1), 1_000);
    const robot = state.robots.get("EP01");
    if (robot === undefined) throw new Error("the robot must be known");
    expect(presenceOf(robot, 2_000)).toBe("online");
    expect(presenceOf(robot, 9_000)).toBe("silent");
    state.takeStatus({ kind: "robot", id: "EP01", status: "offline", at: 0 }, 10_000);
    expect(presenceOf(robot, 10_001)).toBe("offline");
    state.takePacket(packet("battery", 1), 11_000);
    expect(presenceOf(robot, 11_001)).toBe("online");
  });

  it("lists brain workers while they are there", () => {
    const { state } = newState();
    state.takeStatus({ kind: "brain_worker", id: "w1", status: "online", at: 0 }, 0);
    expect([...state.workers.keys()]).toEqual(["w1"]);
    state.takeStatus({ kind: "brain_worker", id: "w1", status: "offline", at: 0 }, 0);
    expect(state.workers.size).toBe(0);
    expect(state.robots.size).toBe(0);
  });
});

describe("what policies say", () => {
  it("is no reading, and what is no prediction is left out", () => {
    const { state } = newState();
    state.takePacket(packet("ai_prediction", { policy: "broken" }), 1);
    const robot = state.robots.get("EP01");
    expect([robot?.predictions.runs, robot?.readings.size]).toEqual([[], 0]);
  });
});

import type { CommandUpdate, Packet, Prediction } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { alertOf, presenceOf, State } from "./state.ts";

const packet = (type: string, val: unknown, robotId = "EP01"): Packet => ({
  robot_id: robotId,
  robot_type: "EP01",
  type,
  val,
});

const prediction = (label: string, seq: number, more: Partial<Prediction> = {}): Packet =>
  packet("ai_prediction", {
    policy: "wall-following",
    model_version: "0123456789ab",
    kind: "classification",
    label,
    confidence: 0.9,
    input: { stream_id: "s", first_seq: seq, last_seq: seq },
    timing: { queue: 0, preprocess: 0, infer: 1, total: 2 },
    ...more,
  } satisfies Prediction);

const update = (commandId: string, status: CommandUpdate["status"], action = "drive"): CommandUpdate => ({
  command_id: commandId,
  robot_id: "EP01",
  action,
  sender: "policy",
  status,
});

function newState() {
  const changes = { count: 0 };
  const state = new State(() => {
    changes.count += 1;
  });
  return { state, changes };
}

describe("payloads that look different", () => {
  const change = (type: string, version: number) => ({
    robot_type: "EP01",
    type,
    version,
    at: 0,
    changes: ["value.gyro.z (number) is gone"],
  });

  it("are shown newest first, each once, until somebody takes note", () => {
    const { state } = newState();
    state.takeSchemaChange(change("imu", 2), 1_000);
    state.takeSchemaChange(change("odom", 2), 3_000);
    state.takeSchemaChange(change("imu", 3), 2_000);
    state.takeSchemaChange(change("odom", 2), 4_000);
    expect(state.schemaChanges.map(({ type, version, at }) => [type, version, at])).toEqual([
      ["odom", 2, 3_000],
      ["imu", 3, 2_000],
      ["imu", 2, 1_000],
    ]);
    const [newest] = state.schemaChanges;
    if (newest !== undefined) state.dismissSchemaChange(newest);
    state.takeSchemaChange(change("odom", 2), 5_000);
    expect(state.schemaChanges.map(({ type }) => type)).toEqual(["imu", "imu"]);
  });

  it("are few", () => {
    const { state } = newState();
    for (let version = 2; version < 20; version++) state.takeSchemaChange(change("imu", version), version);
    expect(state.schemaChanges.map(({ version }) => version)).toEqual([19, 18, 17, 16, 15]);
  });
});

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

describe("predictions", () => {
  it("are one run while the policy goes on saying the same, newest run first", () => {
    const { state } = newState();
    state.takePacket(prediction("forward", 1), 1);
    state.takePacket(prediction("forward", 2), 2);
    state.takePacket(prediction("right", 3), 3);
    const runs = state.robots.get("EP01")?.predictionRuns.map((run) => [run.prediction.label, run.count]);
    expect(runs).toEqual([
      ["right", 1],
      ["forward", 2],
    ]);
  });

  it("of other policies do not end a run", () => {
    const { state } = newState();
    state.takePacket(prediction("forward", 1), 1);
    state.takePacket(prediction("normal", 1, { policy: "collision-risk" }), 2);
    state.takePacket(prediction("forward", 2), 3);
    expect(state.robots.get("EP01")?.predictionRuns.map((run) => run.count)).toEqual([1, 2]);
  });

  it("that are told again count once", () => {
    const { state } = newState();
    state.takePacket(prediction("forward", 1), 1);
    state.takePacket(prediction("forward", 1), 2);
    expect(state.robots.get("EP01")?.predictionRuns[0]?.count).toBe(1);
  });

  it("stay few, and what is none is left out", () => {
    const { state } = newState();
    for (let seq = 1; seq <= 100; seq += 1) state.takePacket(prediction(`label ${seq}`, seq), seq);
    state.takePacket(packet("ai_prediction", { policy: "broken" }), 101);
    const robot = state.robots.get("EP01");
    expect(robot?.predictionRuns).toHaveLength(12);
    expect(robot?.predictionRuns[0]?.prediction.label).toBe("label 100");
    expect(robot?.readings.size).toBe(0);
  });

  it("with a message become the policy's alert", () => {
    const { state } = newState();
    state.takePacket(prediction("collision", 1, { message: "Collision risk 80%" }), 5);
    expect(state.robots.get("EP01")?.alerts.get("wall-following")).toEqual({
      policy: "wall-following",
      message: "Collision risk 80%",
      percent: 80,
      isRisk: true,
      at: 5,
    });
  });
});

describe("alertOf", () => {
  it.each([
    ["Collision risk 80%", 80, true],
    ["risk: 7.5 % now", 7.5, true],
    ["Battery at 300%", 100, false],
    ["Door is open", undefined, false],
  ])("reads %j", (message, percent, isRisk) => {
    expect(alertOf("p", message, 0)).toMatchObject({ percent, isRisk });
  });
});

describe("commands", () => {
  it("count once each, under their newest status", () => {
    const { state } = newState();
    state.takeCommandUpdate(update("1", "sent"), 1);
    state.takeCommandUpdate(update("2", "sent"), 2);
    state.takeCommandUpdate(update("1", "acknowledged"), 3);
    const [run] = state.commandRuns;
    expect(state.commandRuns).toHaveLength(1);
    expect(run?.counts.get("sent")).toBe(1);
    expect(run?.counts.get("acknowledged")).toBe(1);
    expect(state.commandStatus("1")).toBe("acknowledged");
  });

  it("of another action begin a new run, on top", () => {
    const { state } = newState();
    state.takeCommandUpdate(update("1", "sent"), 1);
    state.takeCommandUpdate(update("2", "sent", "stop"), 2);
    expect(state.commandRuns.map((run) => run.action)).toEqual(["stop", "drive"]);
  });

  it("are forgotten after a while", () => {
    const { state } = newState();
    for (let index = 0; index < 1_000; index += 1) state.takeCommandUpdate(update(String(index), "sent"), index);
    expect(state.commandStatus("0")).toBeUndefined();
    expect(state.commandStatus("999")).toBe("sent");
    expect(state.commandRuns).toHaveLength(1);
  });
});

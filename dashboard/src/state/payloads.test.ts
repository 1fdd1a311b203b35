import { validate } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { readPayload } from "./payloads.ts";

const { viewedPacket, prediction, robotStatus, commandUpdate, payloadSchema } = validate;

const aPrediction = {
  policy: "p",
  model_version: "v",
  kind: "action",
  action: { steps: [[1, 2]], dt_ms: 100 },
  input: {},
  timing: { queue: 0, preprocess: 0, infer: 1, total: 2 },
};

const schemaChange = { robot_type: "t", type: "imu", version: 2, at: 1, changes: ["value.x (number) is gone"] };

describe("what the page reads", () => {
  it("takes what the contract allows", () => {
    expect(viewedPacket({ robot_id: "r", robot_type: "t", type: "battery", val: 1, more: true }).ok).toBe(true);
    expect(prediction(aPrediction).ok).toBe(true);
    const command = { action: "drive", params: { v: 1 } };
    expect(prediction({ ...aPrediction, action: [1, 2], command }).ok).toBe(true);
    expect(robotStatus({ kind: "robot", id: "r", status: "silent", at: 1 }).ok).toBe(true);
    expect(readPayload.map({ walls: [[0, 0, 1, 1]], radius: 0.3 }).ok).toBe(true);
    expect(payloadSchema(schemaChange).ok).toBe(true);
  });

  it.each([undefined, null, 7, "text", [], {}, new Uint8Array(2)])("refuses %j", (value) => {
    const { map, odom } = readPayload;
    for (const read of [viewedPacket, prediction, robotStatus, commandUpdate, payloadSchema, map, odom]) {
      expect(read(value).ok).toBe(false);
    }
  });

  it("refuses fields of another kind", () => {
    expect(prediction({ ...aPrediction, confidence: "high" }).ok).toBe(false);
    expect(prediction({ ...aPrediction, action: { steps: [["x"]], dt_ms: 1 } }).ok).toBe(false);
    expect(prediction({ ...aPrediction, timing: { total: 1 } }).ok).toBe(false);
    expect(readPayload.map({ walls: [[0, 0, 1]], radius: 0.3 }).ok).toBe(false);
    expect(payloadSchema({ ...schemaChange, changes: [1] }).ok).toBe(false);
    expect(readPayload.odom({ x: 1, y: Number.NaN, yaw: 0 }).ok).toBe(false);
    expect(robotStatus({ kind: "robot", id: "r", status: "gone", at: 1 }).ok).toBe(false);
  });
});

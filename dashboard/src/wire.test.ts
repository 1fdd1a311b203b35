import { CommandStatus } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import {
  commandStatuses,
  isCommandUpdate,
  isPacket,
  isPayloadSchemaChange,
  isPose,
  isPrediction,
  isRobotStatus,
  isRoomMap,
} from "./wire.ts";

const prediction = {
  policy: "p",
  model_version: "v",
  kind: "action",
  action: { steps: [[1, 2]], dt_ms: 100 },
  input: {},
  timing: { queue: 0, preprocess: 0, infer: 1, total: 2 },
};

const schemaChange = { robot_type: "t", type: "imu", version: 2, at: 1, changes: ["value.x (number) is gone"] };

describe("guards", () => {
  it("know the contract's statuses of a command", () => {
    expect(commandStatuses).toEqual(CommandStatus.enum);
  });

  it("take what the contract allows", () => {
    expect(isPacket({ robot_id: "r", robot_type: "t", type: "battery", val: 1, more: true })).toBe(true);
    expect(isPrediction(prediction)).toBe(true);
    expect(isPrediction({ ...prediction, action: [1, 2], command: { action: "drive", params: { v: 1 } } })).toBe(true);
    expect(isRobotStatus({ kind: "robot", id: "r", status: "silent", at: 1 })).toBe(true);
    expect(isRoomMap({ walls: [[0, 0, 1, 1]], radius: 0.3 })).toBe(true);
    expect(isPayloadSchemaChange(schemaChange)).toBe(true);
  });

  it.each([undefined, null, 7, "text", [], {}, new Uint8Array(2)])("refuse %j", (value) => {
    for (const guard of [
      isPacket,
      isPrediction,
      isRobotStatus,
      isCommandUpdate,
      isPayloadSchemaChange,
      isRoomMap,
      isPose,
    ]) {
      expect(guard(value)).toBe(false);
    }
  });

  it("refuse fields of another kind", () => {
    expect(isPrediction({ ...prediction, confidence: "high" })).toBe(false);
    expect(isPrediction({ ...prediction, action: { steps: [["x"]], dt_ms: 1 } })).toBe(false);
    expect(isPrediction({ ...prediction, timing: { total: 1 } })).toBe(false);
    expect(isRoomMap({ walls: [[0, 0, 1]], radius: 0.3 })).toBe(false);
    expect(isPayloadSchemaChange({ ...schemaChange, changes: [1] })).toBe(false);
    expect(isPose({ x: 1, y: Number.NaN, yaw: 0 })).toBe(false);
    expect(isRobotStatus({ kind: "robot", id: "r", status: "gone", at: 1 })).toBe(false);
  });
});

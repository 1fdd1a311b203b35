import { describe, expect, it } from "vitest";
import { SchemaChanges } from "./schema-changes.ts";

describe("payloads that look different", () => {
  const change = (type: string, version: number) => ({
    robot_type: "EP01",
    type,
    version,
    at: 0,
    changes: ["value.gyro.z (number) is gone"],
  });

  it("are shown newest first, each once, until somebody takes note", () => {
    const changes = new SchemaChanges();
    changes.take(change("imu", 2), 1_000);
    changes.take(change("odom", 2), 3_000);
    changes.take(change("imu", 3), 2_000);
    changes.take(change("odom", 2), 4_000);
    expect(changes.shown.map(({ type, version, at }) => [type, version, at])).toEqual([
      ["odom", 2, 3_000],
      ["imu", 3, 2_000],
      ["imu", 2, 1_000],
    ]);
    const [newest] = changes.shown;
    if (newest !== undefined) changes.dismiss(newest);
    changes.take(change("odom", 2), 5_000);
    expect(changes.shown.map(({ type }) => type)).toEqual(["imu", "imu"]);
  });

  it("are few", () => {
    const changes = new SchemaChanges();
    for (let version = 2; version < 20; version++) changes.take(change("imu", version), version);
    expect(changes.shown.map(({ version }) => version)).toEqual([19, 18, 17, 16, 15]);
  });
});

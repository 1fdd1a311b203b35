import { describe, expect, it } from "vitest";
import { createEncoders } from "./encoders.ts";
import type { Encoder } from "./links.ts";

const encoder = (workerId: string, legacy: boolean, ...robotTypes: string[]): Encoder => ({
  workerId,
  legacy,
  robotTypes,
  send: () => undefined,
});

describe("who makes the bytes of a robot's commands", () => {
  it("is a worker that says so, whatever the relay takes", () => {
    const encoders = createEncoders();
    encoders.add(encoder("w1", false, "EP01", "EP02"));
    for (const takesCommands of [true, false]) {
      expect(encoders.find("r1", "EP02", takesCommands)).toMatchObject({ workerId: "w1" });
      expect(encoders.find("r1", "GO1", takesCommands)).toBeUndefined();
      expect(encoders.find("r1", undefined, takesCommands)).toBeUndefined();
    }
  });

  it("is a worker of before only where the relay takes nothing but bytes, and nobody says so", () => {
    const encoders = createEncoders();
    encoders.add(encoder("old", true, "EP01"));
    expect(encoders.find("r1", "EP01", true)).toBeUndefined();
    expect(encoders.find("r1", "EP01", false)).toMatchObject({ workerId: "old" });
    encoders.add(encoder("new", false, "EP01"));
    expect(encoders.find("r1", "EP01", false)).toMatchObject({ workerId: "new" });
  });

  it("is always the same of several, until it goes", () => {
    const encoders = createEncoders();
    const leave = new Map(["w1", "w2", "w3"].map((id) => [id, encoders.add(encoder(id, false, "EP01"))]));
    const chosen = () => encoders.find("r1", "EP01", true)?.workerId ?? "";
    const first = chosen();
    expect(chosen()).toBe(first);
    leave.get(first)?.();
    expect(chosen()).not.toBe(first);
  });
});

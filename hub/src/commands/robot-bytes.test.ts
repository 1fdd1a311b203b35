import { describe, expect, it } from "vitest";
import { type Encoder, Encoders, hexOf } from "./robot-bytes.ts";

it.each<[unknown]>([
  ["550e04ff"],
  ["55 0E 04 FF"],
  ["55:0e:04:ff"],
  ["0x55, 0x0e, 0x04, 0xff"],
  [[0x55, 0x0e, 0x04, 0xff]],
  [new Uint8Array([0, 0x55, 0x0e, 0x04, 0xff]).subarray(1)],
])("reads %j as bytes", (payload) => {
  expect(hexOf(payload)).toBe("550e04ff");
});

it.each<[unknown]>([
  ["550"],
  ["forward"],
  [""],
  [" "],
  [87],
  [null],
  [{}],
  [[]],
  [[256]],
  [[-1]],
  [[1.5]],
  [["55"]],
  [new Uint8Array(0)],
])("takes %j for no bytes", (payload) => {
  expect(hexOf(payload)).toBeUndefined();
});

const encoder = (workerId: string, ...robotTypes: string[]): Encoder => ({
  workerId,
  robotTypes,
  send: () => undefined,
});

describe("who makes the bytes of a robot's commands", () => {
  it("is a worker that says so", () => {
    const encoders = new Encoders();
    encoders.add(encoder("w1", "EP01", "EP02"));
    expect(encoders.find("r1", "EP02")).toMatchObject({ workerId: "w1" });
    expect(encoders.find("r1", "GO1")).toBeUndefined();
    expect(encoders.find("r1", undefined)).toBeUndefined();
  });

  it("is always the same of several, until it goes", () => {
    const encoders = new Encoders();
    const leave = new Map(["w1", "w2", "w3"].map((id) => [id, encoders.add(encoder(id, "EP01"))]));
    const chosen = () => encoders.find("r1", "EP01")?.workerId ?? "";
    const first = chosen();
    expect(chosen()).toBe(first);
    leave.get(first)?.();
    expect(chosen()).not.toBe(first);
  });
});

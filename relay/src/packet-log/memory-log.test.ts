import { expect, it } from "vitest";
import { MemoryLog, sizeOf } from "./memory-log.ts";
import { packetLogSuite } from "./packet-log.suite.ts";

packetLogSuite("memory log", async (options) => new MemoryLog(options));

const packet = (val: unknown) => ({ robot_id: "EP01", robot_type: "EP01", type: "t", val });

it.each([
  ["ranges", { ranges: Array.from({ length: 24 }, (_, index) => index / 7), label: "Move-Forward" }],
  ["a scalar", 87],
  ["text", "x".repeat(1_000)],
  ["nested", { wrench: [1, 2, 3], flags: [true, null, { deep: "value" }] }],
])("is within a factor of three of the JSON: %s", (_, val) => {
  const json = JSON.stringify(packet(val)).length;
  expect(sizeOf(packet(val))).toBeGreaterThan(json / 3);
  expect(sizeOf(packet(val))).toBeLessThan(json * 3);
});

it("counts binary as what it is", () => {
  expect(sizeOf(packet({ data: new Uint8Array(50_000) }))).toBeGreaterThan(50_000);
  expect(sizeOf(packet({ data: new Uint8Array(50_000) }))).toBeLessThan(50_200);
});

import { expect, it } from "vitest";
import { readGpuUsage } from "./gpu-usage.ts";

it("reads one line a GPU", () => {
  expect(readGpuUsage("0, 87, 10240, 24576\n1, 0, 3, 24576\n")).toEqual([
    { index: 0, utilizationPercent: 87, memoryBytes: 10 * 2 ** 30, memoryLimitBytes: 24 * 2 ** 30 },
    { index: 1, utilizationPercent: 0, memoryBytes: 3 * 2 ** 20, memoryLimitBytes: 24 * 2 ** 30 },
  ]);
});

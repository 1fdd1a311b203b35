import { expect, it } from "vitest";
import type { UsageAnswer } from "./engine/answers.ts";
import { readGpuUsage, readUsage } from "./usage.ts";

const cpu = (used: number, machine: number) => ({
  cpu_usage: { total_usage: used },
  system_cpu_usage: machine,
  online_cpus: 4,
});
const answer: UsageAnswer = {
  cpu_stats: cpu(3_000, 24_000),
  precpu_stats: cpu(1_000, 20_000),
  memory_stats: { usage: 600, limit: 1_000, stats: { total_inactive_file: 100 } },
  networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: "Read", value: 5 },
      { op: "Write", value: 7 },
      { op: "read", value: 1 },
      { op: "Total", value: 12 },
    ],
  },
};

it("turns the engine's counters into what people ask for", () => {
  expect(readUsage(answer)).toEqual({
    // Half of the machine's time, on four cores.
    cpuPercent: 200,
    memoryBytes: 500,
    memoryLimitBytes: 1_000,
    memoryPercent: 50,
    networkReceivedBytes: 11,
    networkSentBytes: 22,
    blockReadBytes: 6,
    blockWrittenBytes: 7,
  });
});

it("reads both generations of control groups", () => {
  const memory_stats = { usage: 600, limit: 1_000, stats: { inactive_file: 200 } };
  expect(readUsage({ ...answer, memory_stats }).memoryBytes).toBe(400);
});

it("is zero where the engine says nothing", () => {
  const nothing = { cpu_usage: { total_usage: 0 } };
  const empty = { cpu_stats: nothing, precpu_stats: nothing, memory_stats: {}, blkio_stats: {}, networks: null };
  expect(Object.values(readUsage(empty))).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

it("reads one line a GPU of what nvidia-smi says", () => {
  expect(readGpuUsage("0, 87, 10240, 24576\n1, 0, 3, 24576\n")).toEqual([
    { index: 0, utilizationPercent: 87, memoryBytes: 10 * 2 ** 30, memoryLimitBytes: 24 * 2 ** 30 },
    { index: 1, utilizationPercent: 0, memoryBytes: 3 * 2 ** 20, memoryLimitBytes: 24 * 2 ** 30 },
  ]);
});

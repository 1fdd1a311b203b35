/** What the figures of the engine and of `nvidia-smi` mean. */
import type { UsageAnswer } from "./engine/answers.ts";

export interface ContainerUsage {
  /** Of one core: four busy ones are 400. */
  readonly cpuPercent: number;
  /** Without what the kernel would give back at once: files that were read. */
  readonly memoryBytes: number;
  /** The machine's memory where the container has no limit. */
  readonly memoryLimitBytes: number;
  readonly memoryPercent: number;
  /** Since the container started, over all networks. */
  readonly networkReceivedBytes: number;
  readonly networkSentBytes: number;
  /** Since the container started, over all disks. */
  readonly blockReadBytes: number;
  readonly blockWrittenBytes: number;
}

export function readUsage({
  cpu_stats,
  precpu_stats,
  memory_stats,
  networks,
  blkio_stats,
}: UsageAnswer): ContainerUsage {
  const cpuTime = cpu_stats.cpu_usage.total_usage - precpu_stats.cpu_usage.total_usage;
  const machineTime = (cpu_stats.system_cpu_usage ?? 0) - (precpu_stats.system_cpu_usage ?? 0);
  const { usage = 0, limit = 0, stats } = memory_stats;
  // The first is cgroup v1's name, the second v2's.
  const memoryBytes = Math.max(0, usage - (stats?.["total_inactive_file"] ?? stats?.["inactive_file"] ?? 0));
  const interfaces = Object.values(networks ?? {});
  const transfers = blkio_stats.io_service_bytes_recursive ?? [];
  const moved = (kind: string) =>
    sum(transfers.filter(({ op }) => op.toLowerCase() === kind).map(({ value }) => value));
  return {
    cpuPercent: machineTime > 0 ? (100 * cpuTime * (cpu_stats.online_cpus ?? 1)) / machineTime : 0,
    memoryBytes,
    memoryLimitBytes: limit,
    memoryPercent: limit > 0 ? (100 * memoryBytes) / limit : 0,
    networkReceivedBytes: sum(interfaces.map(({ rx_bytes }) => rx_bytes)),
    networkSentBytes: sum(interfaces.map(({ tx_bytes }) => tx_bytes)),
    blockReadBytes: moved("read"),
    blockWrittenBytes: moved("write"),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Of a GPU that a container sees. */
export interface GpuUsage {
  readonly index: number;
  readonly utilizationPercent: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
}

export const gpuQuery: readonly string[] = [
  "nvidia-smi",
  "--query-gpu=index,utilization.gpu,memory.used,memory.total",
  "--format=csv,noheader,nounits",
];

const mebibyte = 2 ** 20;

/** One line a GPU; memory is in MiB. */
export function readGpuUsage(output: string): GpuUsage[] {
  return output
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number))
    .map(([index = Number.NaN, utilizationPercent = Number.NaN, used = Number.NaN, total = Number.NaN]) => ({
      index,
      utilizationPercent,
      memoryBytes: used * mebibyte,
      memoryLimitBytes: total * mebibyte,
    }));
}

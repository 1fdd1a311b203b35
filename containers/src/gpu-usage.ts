/** What `nvidia-smi` says of the GPUs that a container sees. */

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

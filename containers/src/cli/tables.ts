/** What people see of images, containers and what these use. */
import type { ImageInfo } from "../images.ts";
import type { ContainerInfo } from "../own-containers.ts";
import type { ResourceUsage } from "../resources.ts";
import { formatBytes, formatPercent } from "./amounts.ts";
import { table } from "./table.ts";

export function imageTable(images: readonly ImageInfo[]): string {
  const rows = images.map(({ name, bytes, createdAt }) => [name, formatBytes(bytes), toSecond(createdAt)]);
  return table(["IMAGE", "SIZE", "CREATED"], rows);
}

export function containerTable(containers: readonly ContainerInfo[]): string {
  const rows = containers.map(({ name, framework, status, endpoint, image, createdAt }) => [
    ...[name, framework, status, endpoint, image],
    toSecond(createdAt),
  ]);
  return table(["CONTAINER", "FRAMEWORK", "STATUS", "ENDPOINT", "IMAGE", "CREATED"], rows);
}

/** A point in time, without the fractions of its second. */
const toSecond = (time: string) => time.replace(/\.\d+Z$/, "Z");

/** What a container uses, with its name. */
export type NamedUsage = ResourceUsage & { readonly name: string };

export function usageTable(usages: readonly NamedUsage[]): string {
  const pair = (one: number, other: number) => `${formatBytes(one)} / ${formatBytes(other)}`;
  const rows = usages.map((usage) => [
    usage.name,
    formatPercent(usage.cpuPercent),
    pair(usage.memoryBytes, usage.memoryLimitBytes),
    formatPercent(usage.memoryPercent),
    pair(usage.networkReceivedBytes, usage.networkSentBytes),
    pair(usage.blockReadBytes, usage.blockWrittenBytes),
    (usage.gpus ?? [])
      .map(
        (gpu) =>
          `${gpu.index}: ${formatPercent(gpu.utilizationPercent)}, ${pair(gpu.memoryBytes, gpu.memoryLimitBytes)}`,
      )
      .join("; ") || "-",
  ]);
  return table(["CONTAINER", "CPU", "MEMORY / LIMIT", "MEMORY", "NET IN / OUT", "DISK READ / WRITTEN", "GPU"], rows);
}

/** What people see of images, containers and what these use. */
import type { ImageInfo } from "../images.ts";
import type { ContainerInfo } from "../own-containers.ts";
import type { ResourceUsage } from "../resources.ts";

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

/** Every column as wide as its widest cell, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return all.map((row) => line(row).trimEnd()).join("\n");
}

const units = ["B", "kB", "MB", "GB", "TB"];

/** Three digits at most, in powers of 1,000: `1.23 GB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1_000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[power]}`;
}

export function formatPercent(percent: number): string {
  return `${percent.toFixed(1)} %`;
}

/** Which GPUs a container gets. */
import type { DeviceRequest } from "dockerode";
import { DockerError } from "./engine/errors.ts";

/** By index (`"0"`) or by UUID (`"GPU-…"`). */
export type GpuIds = "all" | readonly string[];

export const noGpus: GpuIds = [];

/**
 * Reads what `NVIDIA_VISIBLE_DEVICES` says: `all`, `none`, `void`, or a list such as `0,1`.
 *
 * @throws DockerError `invalid_option`
 */
export function parseGpuIds(text: string): GpuIds {
  const value = text.trim();
  if (value === "all") return "all";
  if (["", "none", "void"].includes(value)) return noGpus;
  const ids = value.split(",").map((id) => id.trim());
  if (ids.every((id) => /^(\d+|(GPU|MIG)-[\w-]+)$/.test(id))) return ids;
  throw new DockerError("invalid_option", `expected GPUs: all, none, or a list such as 0,1 or GPU-<uuid>; got ${text}`);
}

/** The same for the engine. */
export function deviceRequests(gpuIds: GpuIds): DeviceRequest[] {
  if (gpuIds.length === 0) return [];
  const devices = gpuIds === "all" ? { Count: -1 } : { DeviceIDs: [...gpuIds] };
  return [{ ...devices, Capabilities: [["gpu"]] }];
}

/** How a container is made: what it may, what it sees, where it listens. */
import { join } from "node:path";
import { parseMemory } from "@physical-ai/policy";
import { messageOf } from "@physical-ai/service/errors";
import type { ContainerCreateOptions } from "dockerode";
import { DockerError } from "./engine/errors.ts";
import { containerLabels, portLabels } from "./engine/labels.ts";
import type { Framework } from "./frameworks.ts";
import { deviceRequests, type GpuIds } from "./gpus.ts";
import type { Settings } from "./settings.ts";

/** What only some containers need. */
export interface ContainerConfig {
  /** Of the image; `latest` when missing. */
  readonly tag?: string;
  /** Of the container; one made of the framework's when missing. */
  readonly name?: string;
  /** Who needs it for a use of its own: its label. */
  readonly usedBy?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Beside the shared ones. */
  readonly volumes?: readonly Volume[];
  /** Of the engine's machine, such as `/dev/ttyACM0`: they appear at the same path. */
  readonly devices?: readonly string[];
  /** `<uid>:<gid>`, or a name that the image knows; whoever runs us when missing. */
  readonly user?: string;
}

/** A folder of the engine's machine, or a volume by its name, seen inside. */
export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly readOnly?: boolean;
}

/** All that a container is made from. */
export interface ContainerPlan {
  readonly name: string;
  readonly image: string;
  readonly framework: Framework;
  /** On the engine's machine. */
  readonly port: number;
  readonly gpuIds: GpuIds;
  readonly memoryBytes: number | undefined;
  readonly config: ContainerConfig;
}

/** Where containers keep the ids of the processes started in them: gone when the container stops, as the processes are. */
export const runFolder = "/run/physical_ai";
export const sharedDataFolder = "/workspace/shared_data";

/** Simulators start thousands of threads; a loop that forks for ever ends here. */
const maxProcesses = 8_192;

/** No more inside than whoever runs us is outside, and no power over the machine. */
export function containerSpec(plan: ContainerPlan, settings: Settings): ContainerCreateOptions {
  const { framework, config, memoryBytes } = plan;
  return {
    name: plan.name,
    Image: plan.image,
    User: config.user ?? ourselves(),
    Env: Object.entries(config.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: { ...containerLabels(settings.owner, { ...plan, framework: framework.name, usedBy: config.usedBy }) },
    ExposedPorts: { [tcp(framework.port)]: {} },
    HostConfig: {
      // It reaps what is left of processes that ended; and the framework's process comes back by whoever watches it.
      Init: true,
      RestartPolicy: { Name: "no" },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: maxProcesses,
      ShmSize: framework.sharedMemoryBytes,
      Tmpfs: { [runFolder]: "rw,nosuid,nodev,noexec,size=1m,mode=1777" },
      Binds: [...sharedVolumes(framework, settings), ...(config.volumes ?? [])].map(bind),
      Devices: (config.devices ?? []).map((device) => ({
        PathOnHost: device,
        PathInContainer: device,
        CgroupPermissions: "rw",
      })),
      DeviceRequests: deviceRequests(plan.gpuIds),
      NetworkMode: settings.networkName,
      PortBindings: portBindings(framework, plan.port),
      // As much memory with swap as without: what does not fit is an error, not a standstill.
      ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
    },
  };
}

/** What every container of a framework sees of the engine's machine. */
export function sharedVolumes(framework: Framework, settings: Settings): readonly Volume[] {
  const { sharedVolumePath, huggingFacePath } = settings;
  return [
    { source: join(sharedVolumePath, "shared_data"), target: sharedDataFolder },
    { source: join(sharedVolumePath, framework.name), target: `/workspace/${framework.name}_data` },
    { source: huggingFacePath, target: "/root/.cache/huggingface" },
  ];
}

/**
 * Bytes of an amount such as 512m or 2g.
 *
 * @throws DockerError `invalid_option`
 */
export function memoryBytesOf(text: string): number {
  try {
    return parseMemory(text);
  } catch (error) {
    throw new DockerError("invalid_option", messageOf(error));
  }
}

/** The same container at another port of the engine's machine. */
export function atPort(spec: ContainerCreateOptions, framework: Framework, port: number): ContainerCreateOptions {
  return {
    ...spec,
    Labels: { ...spec.Labels, ...portLabels(port) },
    HostConfig: { ...spec.HostConfig, PortBindings: portBindings(framework, port) },
  };
}

/** The same container with other GPUs. */
export function withGpus(spec: ContainerCreateOptions, gpuIds: GpuIds): ContainerCreateOptions {
  return { ...spec, HostConfig: { ...spec.HostConfig, DeviceRequests: deviceRequests(gpuIds) } };
}

/** The shared folders are ours: so they can be written from inside, and what is written there is ours too. */
function ourselves(): string {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  // Windows has no such numbers; there the image says who.
  return uid === undefined || gid === undefined ? "" : `${uid}:${gid}`;
}

/** Nobody outside the engine's machine reaches it. */
function portBindings(framework: Framework, port: number) {
  return { [tcp(framework.port)]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] };
}

const tcp = (port: number) => `${port}/tcp`;
const bind = ({ source, target, readOnly }: Volume) => `${source}:${target}${readOnly ? ":ro" : ""}`;

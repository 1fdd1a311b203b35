/** What containers may use, and what they do use. */
import type { Logger } from "pino";
import { memoryBytesOf, withGpus } from "./container-spec.ts";
import { validateUsage } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import type { Exec } from "./exec.ts";
import type { GpuIds } from "./gpus.ts";
import type { OwnContainers } from "./own-containers.ts";
import { replaceContainer } from "./replace-container.ts";
import { type ContainerUsage, type GpuUsage, gpuQuery, readGpuUsage, readUsage } from "./usage.ts";

/** What a container uses. */
export interface ResourceUsage extends ContainerUsage {
  /** Of its GPUs; missing where it has none. */
  readonly gpus?: readonly GpuUsage[];
}

interface MemoryLimits {
  /** As in `2g`. */
  readonly memoryLimit: string;
  /** Memory and swap together; as much as the memory, so no swap, when missing. */
  readonly memorySwap?: string;
}

/** The calls about resources. */
export interface Resources {
  /**
   * Gives a container other GPUs. For that it is made anew with the same name, volumes and settings, and started when it
   * was running; what ran in it has to be started again.
   *
   * @returns its new id
   * @throws DockerError `gpu_unavailable`; the old container is back then
   */
  allocateGpu(id: string, gpuIds: GpuIds): Promise<string>;
  /** At once, also while it runs. @throws DockerError `invalid_option`, `refused` */
  setMemoryLimits(id: string, limits: MemoryLimits): Promise<void>;
  /** Takes a second: the engine measures twice. @throws DockerError `not_running` */
  monitorResources(id: string): Promise<ResourceUsage>;
}

interface Dependencies {
  readonly engine: Engine;
  readonly exec: Exec;
  readonly logger: Logger;
  readonly ownContainers: OwnContainers;
}

export function createResources({ engine, exec, logger, ownContainers }: Dependencies): Resources {
  async function gpusOf(id: string): Promise<readonly GpuUsage[] | undefined> {
    const { stdout, exitCode } = await exec.execCommand(id, { command: gpuQuery });
    return exitCode === 0 ? readGpuUsage(stdout) : undefined;
  }

  return {
    async allocateGpu(id, gpuIds) {
      const container = await ownContainers.find(id);
      const created = await replaceContainer(engine, container, (spec) => withGpus(spec, gpuIds));
      logger.info({ container: container.info.name, gpu_ids: gpuIds }, "gave a container other GPUs");
      return created;
    },
    async setMemoryLimits(id, { memoryLimit, memorySwap = memoryLimit }) {
      const limits = { Memory: memoryBytesOf(memoryLimit), MemorySwap: memoryBytesOf(memorySwap) };
      const { info } = await ownContainers.find(id);
      await engine.tell((docker) => docker.getContainer(info.id).update(limits));
      logger.info(
        { container: info.name, memory_limit: memoryLimit, memory_swap: memorySwap },
        "changed a container's memory",
      );
    },
    async monitorResources(id) {
      const { info, answer } = await ownContainers.findRunning(id);
      const hasGpus = (answer.HostConfig.DeviceRequests ?? []).length > 0;
      const [usage, gpus] = await Promise.all([
        engine.ask(validateUsage, (docker) => docker.getContainer(info.id).stats({ stream: false })),
        hasGpus ? gpusOf(info.id) : undefined,
      ]);
      return { ...readUsage(usage), ...(gpus === undefined ? {} : { gpus }) };
    },
  };
}

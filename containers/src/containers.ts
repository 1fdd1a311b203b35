/** Makes, starts, stops and removes containers of frameworks. */
import pLimit from "p-limit";
import type { Logger } from "pino";
import { atPort } from "./container-spec.ts";
import { type CreateContainerOptions, createContainer, freePort } from "./create-container.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError, unless } from "./engine/errors.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { Networks } from "./networks.ts";
import type { ContainerInfo, ContainerStatus, OwnContainer, OwnContainers } from "./own-containers.ts";
import { replaceContainer } from "./replace-container.ts";
import type { Settings } from "./settings.ts";

interface StopOptions {
  /** Seconds until it is killed; 10 when missing. */
  readonly timeout?: number;
}

interface RemoveOptions {
  /** Also when it runs. */
  readonly force?: boolean;
  /** Also the volumes that the engine made for it; never folders, and never volumes that somebody named. */
  readonly volumes?: boolean;
}

/**
 * The calls about containers. `id` is an id, its beginning, or a name. All of them refuse containers that were not made
 * by a manager of the same owner (DockerError `not_ours`).
 */
export interface Containers {
  /**
   * Makes a container that does not run yet.
   *
   * @returns its id
   * @throws DockerError `unknown_framework`, `image_missing`, `name_in_use`, `invalid_option`
   */
  createContainer(options: CreateContainerOptions): Promise<string>;
  /**
   * @returns its id: another one when its port was taken since, and it was made anew at the next free one, or when its
   *   network was removed since
   * @throws DockerError `gpu_unavailable`
   */
  startContainer(id: string): Promise<string>;
  stopContainer(id: string, options?: StopOptions): Promise<void>;
  /** @returns as `startContainer` */
  restartContainer(id: string, options?: StopOptions): Promise<string>;
  removeContainer(id: string, options?: RemoveOptions): Promise<void>;
  getContainerStatus(id: string): Promise<ContainerStatus>;
  /** @throws DockerError `container_missing` */
  getContainer(id: string): Promise<ContainerInfo>;
  /** Those that run, oldest first; with `all` those that do not, too. */
  listContainers(all?: boolean): Promise<ContainerInfo[]>;
}

interface Dependencies {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly ownContainers: OwnContainers;
  readonly networks: Networks;
}

export function createContainers(dependencies: Dependencies, settings: Settings): Containers {
  const { engine, logger, ownContainers, networks } = dependencies;
  /** Two at once would choose the same port. */
  const inTurn = pLimit(1);

  async function start(container: OwnContainer): Promise<string> {
    const { id, name, port } = container.info;
    try {
      await engine.tell((docker) => docker.getContainer(id).start()).catch(unless("unchanged"));
      logger.info({ container: name, port }, "started a container");
      return id;
    } catch (error) {
      if (!(error instanceof DockerError)) throw error;
      if (error.code === "port_taken") {
        logger.info({ container: name, port }, "its port is taken: making the container anew at another one");
        return start(await moveToFreePort(container));
      }
      if (error.code === "network_missing") {
        logger.info({ container: name }, "its network was removed: making the container anew");
        return start(await moveToNetwork(container));
      }
      throw error;
    }
  }

  async function moveToFreePort(container: OwnContainer): Promise<OwnContainer> {
    const framework = frameworkNamed(container.info.framework);
    const port = await freePort(container.info.port + 1, await ownContainers.ports());
    return ownContainers.find(await replaceContainer(engine, container, (spec) => atPort(spec, framework, port)));
  }

  /** Engines know networks by their ids: one that was made again under the old name is another. */
  async function moveToNetwork(container: OwnContainer): Promise<OwnContainer> {
    await networks.ensureNetwork();
    return ownContainers.find(await replaceContainer(engine, container, (spec) => spec));
  }

  const startById = (id: string) => inTurn(async () => start(await ownContainers.find(id)));

  async function stop(id: string, { timeout = 10 }: StopOptions = {}): Promise<void> {
    const { info } = await ownContainers.find(id);
    // What is frozen hears no signal.
    if (info.status === "paused") await engine.tell((docker) => docker.getContainer(info.id).unpause());
    await engine.tell((docker) => docker.getContainer(info.id).stop({ t: timeout })).catch(unless("unchanged"));
    logger.info({ container: info.name }, "stopped a container");
  }

  return {
    createContainer: (options) =>
      inTurn(async () => {
        const { id, name, image, port } = await createContainer(dependencies, settings, options);
        logger.info({ container: name, image, port }, "made a container");
        return id;
      }),
    startContainer: startById,
    stopContainer: stop,
    async restartContainer(id, options) {
      await stop(id, options);
      return startById(id);
    },
    async removeContainer(id, { force = false, volumes = false } = {}) {
      const { info } = await ownContainers.find(id);
      await engine
        .tell((docker) => docker.getContainer(info.id).remove({ force, v: volumes }), {
          409: (detail) => notRemoved(info.name, detail),
        })
        .catch(unless("unchanged"));
      logger.info({ container: info.name }, "removed a container");
    },
    async getContainerStatus(id) {
      const container = await ownContainers.find(id).catch(unless("container_missing"));
      return container?.info.status ?? "not_exist";
    },
    getContainer: async (id) => (await ownContainers.find(id)).info,
    listContainers: async (all = false) => (await ownContainers.list(all)).map(({ info }) => info),
  };
}

function notRemoved(name: string, detail: string): DockerError {
  if (/in progress/.test(detail)) return new DockerError("unchanged", `container ${name} is being removed`);
  return new DockerError("refused", `container ${name} runs: stop it first, or remove it by force`);
}

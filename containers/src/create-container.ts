/** Makes a container of a framework, with a name and a port that nobody has. */
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import {
  type ContainerConfig,
  type ContainerPlan,
  containerSpec,
  memoryBytesOf,
  sharedVolumes,
} from "./container-spec.ts";
import { validateCreated } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError } from "./engine/errors.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { GpuIds } from "./gpus.ts";
import type { Networks } from "./networks.ts";
import type { OwnContainers } from "./own-containers.ts";
import { imageName, type Settings } from "./settings.ts";

/** What container to make. */
export interface CreateContainerOptions {
  readonly framework: string;
  readonly config?: ContainerConfig;
  /** The manager's when missing. */
  readonly gpuIds?: GpuIds;
  /** As in `2g`; no limit when missing. */
  readonly memoryLimit?: string;
  /** The first port to try on the engine's machine, the framework's when missing; where it is taken the next free one. */
  readonly apiPort?: number;
}

interface Dependencies {
  readonly engine: Engine;
  readonly ownContainers: OwnContainers;
  readonly networks: Networks;
}

/** @returns what was made, and its id */
export async function createContainer(
  { engine, ownContainers, networks }: Dependencies,
  settings: Settings,
  options: CreateContainerOptions,
): Promise<ContainerPlan & { readonly id: string }> {
  const { config = {}, gpuIds = settings.gpuIds, memoryLimit, apiPort } = options;
  const framework = frameworkNamed(options.framework);
  const image = imageName(settings, framework, config.tag);
  const memoryBytes = memoryLimit === undefined ? undefined : memoryBytesOf(memoryLimit);
  const port = await freePort(apiPort ?? framework.port, await ownContainers.ports());
  // The engine would make the folders too, but as root's.
  for (const { source } of sharedVolumes(framework, settings)) await mkdir(source, { recursive: true });
  await networks.ensureNetwork();

  async function tryName(name: string): Promise<ContainerPlan & { readonly id: string }> {
    const plan = { name, image, framework, port, gpuIds, memoryBytes, config };
    const spec = containerSpec(plan, settings);
    const { id } = await engine.ask(validateCreated, (docker) => docker.createContainer(spec), {
      404: () => imageMissing(image, framework.name, config.tag),
      409: () => nameInUse(name),
    });
    return { ...plan, id };
  }

  return config.name === undefined ? firstFree(`${settings.owner}_${framework.name}`, tryName) : tryName(config.name);
}

/** `base`, `base_2`, `base_3`…: the engine knows which are in use. */
async function firstFree<T>(base: string, tryName: (name: string) => Promise<T>, number = 1): Promise<T> {
  try {
    return await tryName(number === 1 ? base : `${base}_${number}`);
  } catch (error) {
    if (error instanceof DockerError && error.code === "name_in_use") return firstFree(base, tryName, number + 1);
    throw error;
  }
}

/** How far from the wanted port a free one is looked for. */
const portReach = 100;

/**
 * The first port from `wanted` on that is neither promised nor in use. The engine has the last word: somebody may take
 * the port before the container starts.
 *
 * @param promised ports of containers that may not run at the moment
 * @throws DockerError `port_taken` when there is none within reach
 */
export async function freePort(wanted: number, promised: ReadonlySet<number>): Promise<number> {
  const last = Math.min(wanted + portReach, 65_535);
  for (let port = wanted; port <= last; port++) {
    if (!promised.has(port) && (await isFree(port))) return port;
  }
  throw new DockerError(
    "port_taken",
    `expected a free port from ${wanted} to ${last}; all are taken: name another one`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function imageMissing(image: string, framework: string, tag: string | undefined): DockerError {
  const what = tag === undefined ? framework : `${framework} --tag ${tag}`;
  return new DockerError(
    "image_missing",
    `the engine has no image ${image}: build it with npm run docker -- build ${what}, or pull it with npm run docker -- pull ${what}`,
  );
}

function nameInUse(name: string): DockerError {
  return new DockerError(
    "name_in_use",
    `expected a name that no container has, and ${name} is in use: choose another one, or remove that container ` +
      "(npm run docker -- ps --all shows ours, docker ps --all everybody's)",
  );
}

/** Makes a container of a framework, with a name and a port that nobody has. */
import { mkdir } from "node:fs/promises";
import { validateCreated } from "./answers.ts";
import { type ContainerConfig, type ContainerPlan, containerSpec, sharedVolumes } from "./container-spec.ts";
import type { Engine } from "./engine.ts";
import { DockerError } from "./errors.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { GpuIds } from "./gpus.ts";
import { imageName } from "./image-name.ts";
import { parseMemory } from "./memory.ts";
import type { Networks } from "./networks.ts";
import type { OwnContainers } from "./own-containers.ts";
import { freePort } from "./ports.ts";
import type { Settings } from "./settings.ts";

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
  const memoryBytes = memoryLimit === undefined ? undefined : parseMemory(memoryLimit);
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

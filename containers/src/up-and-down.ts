/** `up`: from nothing to a framework that answers inside; and `down`: back to nothing. */
import type { DockerManager } from "./docker-manager.ts";
import type { GpuIds } from "./gpus.ts";
import type { ContainerInfo } from "./own-containers.ts";

export interface UpOptions {
  modelPath?: string;
  set: Record<string, string>;
  gpus: GpuIds;
  memory?: string;
  port?: number;
  env: Record<string, string>;
  tag: string;
  name?: string;
  /** See `ContainerConfig`. */
  usedBy?: string;
}

/**
 * What is there already is left as it is.
 *
 * @returns the container; a client reaches it at its endpoint
 */
export async function up(
  manager: DockerManager,
  framework: string,
  options: UpOptions,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<ContainerInfo> {
  const existing = await findExisting(manager, framework, options);
  signal?.throwIfAborted();
  if (existing !== undefined) say(`${existing.name} is there: it keeps the options that it was made with`);
  const id = await manager.startContainer(existing?.id ?? (await make(manager, framework, options)));
  signal?.throwIfAborted();
  const container = await manager.getContainer(id);
  say(`${container.name} runs`);

  const running = await manager.findFrameworkProcess(id, framework);
  const { modelPath, set } = options;
  const model = modelPath === undefined ? {} : { modelPath };
  if (running === undefined) say(`starting ${framework}; this may take as long as its model takes to load`);
  const { pid } =
    running ?? (await manager.startFrameworkProcess(id, framework, { mode: "inference", options: set, ...model }));
  say(`its process has the id ${pid} inside`);
  return container;
}

/** Without a name, one that nobody made for a use of its own. */
async function findExisting(
  manager: DockerManager,
  framework: string,
  { name }: UpOptions,
): Promise<ContainerInfo | undefined> {
  const containers = await manager.listContainers(true);
  if (name !== undefined) return containers.find((container) => container.name === name);
  return containers.find((container) => container.framework === framework && container.usedBy === undefined);
}

function make(manager: DockerManager, framework: string, options: UpOptions): Promise<string> {
  const { gpus: gpuIds, memory, port, env: environment, tag, name, usedBy } = options;
  return manager.createContainer({
    framework,
    gpuIds,
    config: {
      environment,
      tag,
      ...(name === undefined ? {} : { name }),
      ...(usedBy === undefined ? {} : { usedBy }),
    },
    ...(memory === undefined ? {} : { memoryLimit: memory }),
    ...(port === undefined ? {} : { apiPort: port }),
  });
}

/** Stops and removes the containers of some frameworks, or all; the network goes with the last one. */
export async function down(
  manager: DockerManager,
  frameworks: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const containers = await manager.listContainers(true);
  const meant = containers.filter(({ framework }) => frameworks.length === 0 || frameworks.includes(framework));
  await Promise.all(
    meant.map(async ({ id, name, usedBy }) => {
      await manager.stopContainer(id);
      await manager.removeContainer(id, { volumes: true });
      say(
        usedBy === undefined
          ? `removed ${name}`
          : `removed ${name}; if its brain worker runs, it comes back: stop that first`,
      );
    }),
  );
  if (meant.length === containers.length) await manager.removeNetwork();
}

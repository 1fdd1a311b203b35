/** `up`: from nothing to a framework that answers. What is there already is left as it is. */
import { setTimeout as sleep } from "node:timers/promises";
import { createZmqClient } from "../zmq/client.ts";
import { containerNamed } from "./container-named.ts";
import type { DockerManager } from "./docker-manager.ts";
import { DockerError, unless } from "./errors.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { GpuIds } from "./gpus.ts";
import type { ContainerInfo } from "./own-containers.ts";

export interface UpOptions {
  modelPath?: string;
  set: Record<string, string>;
  mode: "inference" | "training";
  gpus: GpuIds;
  memory?: string;
  port?: number;
  env: Record<string, string>;
  tag: string;
  name?: string;
}

const healthPauseMs = 200;

/** @returns where it answers */
export async function up(
  manager: DockerManager,
  framework: string,
  options: UpOptions,
  say: (line: string) => void,
): Promise<string> {
  const existing = await findExisting(manager, framework, options.name);
  if (existing !== undefined) say(`${existing.name} is there: it keeps the options that it was made with`);
  const id = await manager.startContainer(existing?.id ?? (await make(manager, framework, options)));
  const { name, endpoint } = await manager.getContainer(id);
  say(`${name} runs`);

  const running = await manager.findFrameworkProcess(id, framework);
  const { modelPath, mode, set } = options;
  const start = { mode, options: set, ...(modelPath === undefined ? {} : { modelPath }) };
  if (running === undefined) say(`starting ${framework}; this may take as long as its model takes to load`);
  const { pid } = running ?? (await manager.startFrameworkProcess(id, framework, start));
  say(`its process has the id ${pid} inside`);
  await untilHealthy(name, endpoint, frameworkNamed(framework).startPatienceSeconds);
  return endpoint;
}

async function findExisting(
  manager: DockerManager,
  framework: string,
  name: string | undefined,
): Promise<ContainerInfo | undefined> {
  return containerNamed(manager, name ?? framework).catch(unless("container_missing"));
}

function make(manager: DockerManager, framework: string, options: UpOptions): Promise<string> {
  const { gpus: gpuIds, memory, port, env: environment, tag, name } = options;
  return manager.createContainer({
    framework,
    gpuIds,
    config: { environment, tag, ...(name === undefined ? {} : { name }) },
    ...(memory === undefined ? {} : { memoryLimit: memory }),
    ...(port === undefined ? {} : { apiPort: port }),
  });
}

/** Its port listens; now it must also answer, there where clients will ask. */
async function untilHealthy(name: string, endpoint: string, patienceSeconds: number): Promise<void> {
  const deadline = Date.now() + patienceSeconds * 1_000;
  const client = createZmqClient({ endpoint });
  try {
    while (!(await client.healthCheck())) {
      if (Date.now() > deadline) {
        const problem = `${name} listens, but does not answer at ${endpoint}: npm run docker -- logs ${name}`;
        throw new DockerError("process_failed", problem);
      }
      await sleep(healthPauseMs);
    }
  } finally {
    client.close();
  }
}

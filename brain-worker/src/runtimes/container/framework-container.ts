/** The container of one policy: made, started, found again, and its server in it. */
import { createHash } from "node:crypto";
import type { Logger } from "pino";
import type { DockerManager } from "../../docker/docker-manager.ts";
import { DockerError, unless } from "../../docker/errors.ts";
import { frameworkNamed } from "../../docker/frameworks.ts";
import { type UpOptions, up } from "../../docker/up.ts";
import type { ContainerModel } from "../../policies/policy-file.ts";
import type { ImageSupply } from "./image-supply.ts";

/** One container, whether it is there yet or not. */
export interface FrameworkContainer {
  readonly name: string;
  /** How long its model may take to load. */
  readonly patienceMs: number;
  /** From whatever there is to a server that listens: builds or pulls, makes, starts. Returns where it answers. */
  bringUp(signal: AbortSignal): Promise<string>;
  /** Ends whatever runs or hangs in it; it stays, and starts faster the next time. */
  stop(): Promise<void>;
}

export interface FrameworkContainerOptions {
  /** Who needs it; no other policy of the engine's machine has the same. */
  readonly usedBy: string;
  readonly model: ContainerModel & { readonly framework: string };
}

/** Where containers are made. */
export interface ContainerHost {
  readonly manager: DockerManager;
  readonly images: ImageSupply;
}

/** A worker has ten seconds to stop in. */
const stopSeconds = 3;

export function createFrameworkContainer(
  { manager, images, logger }: ContainerHost & { logger: Logger },
  { usedBy, model }: FrameworkContainerOptions,
): FrameworkContainer {
  const { framework } = model;
  // What a container's name may not hold is replaced; whatever the policy file says of it changes the name.
  const name = `${usedBy.replaceAll(/[^\w.-]/g, "_")}_${digestOf({ usedBy, model })}`;
  const say = (line: string) => logger.info({ container: name }, line);

  /** Of a policy file that said something else. */
  async function removeOutdated(): Promise<void> {
    for (const container of await manager.listContainers(true)) {
      if (container.usedBy !== usedBy || container.name === name) continue;
      say(`the policy has changed: removing ${container.name}`);
      await manager.removeContainer(container.id, { force: true, volumes: true });
    }
  }

  const start = async (signal: AbortSignal) =>
    (await up(manager, framework, upOptionsOf(model, name, usedBy), say, signal)).endpoint;

  return {
    name,
    patienceMs: frameworkNamed(framework).startPatienceSeconds * 1_000,
    async bringUp(signal) {
      await removeOutdated();
      try {
        return await start(signal);
      } catch (error) {
        if (!(error instanceof DockerError && error.code === "image_missing")) throw error;
        await images.fetch(framework, signal);
        return start(signal);
      }
    },
    stop: () => manager.stopContainer(name, { timeout: stopSeconds }).catch(unless("container_missing")),
  };
}

function upOptionsOf(model: ContainerModel, name: string, usedBy: string): UpOptions {
  const { model_path: modelPath, options = {}, gpus = [], memory, environment = {} } = model;
  return {
    name,
    usedBy,
    tag: "latest",
    set: options,
    gpus,
    env: environment,
    ...(modelPath === undefined ? {} : { modelPath }),
    ...(memory === undefined ? {} : { memory }),
  };
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}

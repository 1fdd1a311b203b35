/** The container of one policy: made, started, found again, and its server in it. */
import { createHash } from "node:crypto";
import type { ContainerPlace, FrameworkModel, Place } from "@physical-ai/policy";
import type { Logger } from "pino";
import type { DockerManager } from "./docker-manager.ts";
import { DockerError, unless } from "./errors.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { ImageSupply } from "./image-supply.ts";
import { type UpOptions, up } from "./up.ts";

/** A container, and who it is for. */
interface FrameworkContainerOptions {
  /** Who needs it; no other policy of the engine's machine has the same. */
  readonly usedBy: string;
  readonly model: FrameworkModel;
}

/** Where containers are made. */
export interface ContainerHost {
  readonly manager: DockerManager;
  readonly images: ImageSupply;
}

/** A worker has ten seconds to stop in. */
const stopSeconds = 3;

/** Gives policies their containers. `user`: the name of whoever asks, which no other one at the engine has. */
export function createContainerPlace({ manager, images }: ContainerHost, user: string): ContainerPlace {
  return (policy, model, logger) =>
    createFrameworkContainer({ manager, images, logger }, { usedBy: `${user}/${policy}`, model });
}

function createFrameworkContainer(
  { manager, images, logger }: ContainerHost & { logger: Logger },
  { usedBy, model }: FrameworkContainerOptions,
): Place {
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
    readyWithinMs: frameworkNamed(framework).startPatienceSeconds * 1_000,
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

function upOptionsOf(model: FrameworkModel, name: string, usedBy: string): UpOptions {
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

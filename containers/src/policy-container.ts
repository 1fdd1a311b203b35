/** The containers of policies: made, started, found again, each with its policy server in it. */
import { createHash } from "node:crypto";
import type { ContainerOptions, ContainerPlace, Place } from "@physical-ai/policy";
import type { Logger } from "pino";
import { ownDockerfile } from "./build-context.ts";
import type { DockerManager } from "./docker-manager.ts";
import { DockerError, unless } from "./engine/errors.ts";
import { frameworkNamed } from "./frameworks.ts";
import { type UpOptions, up } from "./up-and-down.ts";

/** Where containers are made. */
interface Host {
  readonly manager: DockerManager;
  readonly logger: Logger;
}

export interface ContainerPlaceOptions {
  /** The name of whoever asks, which no other one at the engine has. */
  readonly user: string;
  /** Of the commands in a Dockerfile; see `BuildImageOptions`. */
  readonly buildNetwork?: string | undefined;
}

/** A worker has ten seconds to stop in. */
const stopSeconds = 3;

/** Gives policies their containers. */
export function createContainerPlace(host: Host, { user, buildNetwork }: ContainerPlaceOptions): ContainerPlace {
  const images = new ImageSupply(host, buildNetwork);
  return (policy, container, logger) => placeOf({ ...host, logger }, images, `${user}/${policy}`, container);
}

/** @param usedBy who needs it; no other policy of the engine's machine has the same */
function placeOf({ manager, logger }: Host, images: ImageSupply, usedBy: string, container: ContainerOptions): Place {
  const { framework } = container;
  // What a container's name may not hold is replaced; whatever the policy file says of it changes the name.
  const name = `${usedBy.replaceAll(/[^\w.-]/g, "_")}_${digestOf({ usedBy, container })}`;
  const say = (line: string) => logger.info({ container: name }, line);

  /** Of a policy file that said something else. */
  async function removeOutdated(): Promise<void> {
    for (const other of await manager.listContainers(true)) {
      if (other.usedBy !== usedBy || other.name === name) continue;
      say(`the policy has changed: removing ${other.name}`);
      await manager.removeContainer(other.id, { force: true, volumes: true });
    }
  }

  const start = async (signal: AbortSignal) =>
    (await up(manager, framework, upOptionsOf(container, name, usedBy), say, signal)).endpoint;

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

function upOptionsOf(container: ContainerOptions, name: string, usedBy: string): UpOptions {
  const { model_path: modelPath, options = {}, gpus = [], memory, environment = {} } = container;
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

/** Sees to it that the engine has the images. Policies that need the same one at the same time wait for one build. */
class ImageSupply {
  readonly #host: Host;
  readonly #buildNetwork: string | undefined;
  /** By framework. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(host: Host, buildNetwork: string | undefined) {
    this.#host = host;
    this.#buildNetwork = buildNetwork;
  }

  /** Builds the image from the project's Dockerfile; where there is none, pulls it. */
  fetch(framework: string, signal: AbortSignal): Promise<void> {
    const running = this.#underWay.get(framework);
    if (running !== undefined) return running;
    const begun = this.#obtain(framework, signal).finally(() => this.#underWay.delete(framework));
    this.#underWay.set(framework, begun);
    return begun;
  }

  async #obtain(framework: string, signal: AbortSignal): Promise<void> {
    const { manager, logger } = this.#host;
    const dockerfile = await ownDockerfile(framework);
    logger.info({ framework }, `there is no image: ${dockerfile === undefined ? "pulling" : "building"} it`);
    if (dockerfile === undefined) {
      await manager.pullImage({ framework });
      return;
    }
    const network = this.#buildNetwork === undefined ? {} : { network: this.#buildNetwork };
    const onProgress = (line: string) => logger.debug({ framework }, line);
    await manager.buildImage({ framework, ...dockerfile, ...network, onProgress, signal });
  }
}

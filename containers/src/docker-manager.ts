/** The containers of policy frameworks, from the image to the process inside: one object for all that can be asked. */
import Docker from "dockerode";
import type { Logger } from "pino";
import { type Containers, createContainers } from "./containers.ts";
import { createEngine } from "./engine/engine.ts";
import { createExec, type Exec } from "./exec.ts";
import { createImages, type Images } from "./images.ts";
import { createNetworks, type Networks } from "./networks.ts";
import { createOwnContainers } from "./own-containers.ts";
import { createProcesses, type Processes } from "./processes.ts";
import { createResources, type Resources } from "./resources.ts";
import { type DockerManagerOptions, withDefaults } from "./settings.ts";

/** All calls; each says in its own file what it does. It keeps nothing: what there is, the engine knows. */
export type DockerManager = Images & Containers & Exec & Processes & Networks & Resources;

export interface DockerManagerDependencies {
  readonly logger: Logger;
  /** Where the engine is; where `DOCKER_HOST` says when missing. */
  readonly docker?: Docker;
}

/** Connects at the first call. Every error of the engine is a `DockerError`. */
export function createDockerManager(
  { logger, docker = new Docker() }: DockerManagerDependencies,
  options: DockerManagerOptions = {},
): DockerManager {
  const settings = withDefaults(options);
  const engine = createEngine(docker);
  const ownContainers = createOwnContainers(engine, settings);
  const networks = createNetworks(engine, ownContainers, settings);
  const exec = createExec(engine, ownContainers);
  return {
    ...createImages(engine, logger, settings),
    ...createContainers({ engine, logger, ownContainers, networks }, settings),
    ...exec,
    ...createProcesses(exec, logger),
    ...networks,
    ...createResources({ engine, exec, logger, ownContainers }),
  };
}

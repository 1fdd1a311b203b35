/** The container of one policy: made, started, found again, and its server in it. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { DockerManager } from "../../docker/docker-manager.ts";
import { DockerError, unless } from "../../docker/errors.ts";
import { frameworkNamed } from "../../docker/frameworks.ts";
import { type UpOptions, up } from "../../docker/up.ts";
import type { ContainerModel } from "../../policies/policy-file.ts";

/** What images are built from, seen from `dist` and from `src`. */
const ownContainers = fileURLToPath(new URL("../../../containers", import.meta.url));

/** One container, whether it is there yet or not. */
export interface FrameworkContainer {
  readonly name: string;
  /** How long its model may take to load. */
  readonly patienceMs: number;
  /** From whatever there is to a server that listens: builds or pulls, makes, starts. Returns where it answers. */
  bringUp(): Promise<string>;
  /** Ends what runs in it, so that `bringUp` starts anew. */
  reset(): Promise<void>;
  /** It stays, and starts faster the next time. */
  stop(): Promise<void>;
}

export interface FrameworkContainerOptions {
  /** What the container's name begins with; no other policy of the engine's machine has the same. */
  readonly prefix: string;
  readonly model: ContainerModel & { readonly framework: string };
  /** Of the commands in a Dockerfile; see `BuildImageOptions`. */
  readonly buildNetwork?: string | undefined;
}

export function createFrameworkContainer(
  { manager, logger }: { manager: DockerManager; logger: Logger },
  { prefix, model, buildNetwork }: FrameworkContainerOptions,
): FrameworkContainer {
  const name = `${prefix}_${versionOf(model)}`;
  const { framework, model_path: modelPath, options = {}, gpus = [], memory, environment = {} } = model;
  const say = (line: string) => logger.info({ container: name }, line);
  const upOptions: UpOptions = {
    name,
    mode: "inference",
    tag: "latest",
    set: options,
    gpus,
    env: environment,
    ...(modelPath === undefined ? {} : { modelPath }),
    ...(memory === undefined ? {} : { memory }),
  };
  const start = () => up(manager, framework, upOptions, say);

  /** Of a policy file that said something else. */
  async function removeOutdated(): Promise<void> {
    const containers = await manager.listContainers(true);
    for (const container of containers) {
      if (!container.name.startsWith(`${prefix}_`) || container.name === name) continue;
      say(`the policy has changed: removing ${container.name}`);
      await manager.removeContainer(container.id, { force: true, volumes: true });
    }
  }

  async function ensureImage(): Promise<void> {
    const dockerfilePath = join(ownContainers, framework, "Dockerfile");
    say(`there is no image of ${framework}: building it`);
    const network = buildNetwork === undefined ? {} : { network: buildNetwork };
    const onProgress = (line: string) => logger.debug({ framework }, line);
    await manager.buildImage({ framework, dockerfilePath, contextPath: ownContainers, onProgress, ...network });
  }

  return {
    name,
    patienceMs: frameworkNamed(framework).startPatienceSeconds * 1_000,
    async bringUp() {
      try {
        await removeOutdated();
        return await start();
      } catch (error) {
        if (!(error instanceof DockerError && error.code === "image_missing")) throw error;
        await ensureImage();
        return start();
      }
    },
    reset: () => manager.stopContainer(name, { timeout: 1 }).catch(unless("container_missing")),
    stop: () => manager.stopContainer(name).catch(unless("container_missing")),
  };
}

/** Changes with whatever the policy file says of the container. */
function versionOf(model: ContainerModel): string {
  return createHash("sha256").update(JSON.stringify(model)).digest("hex").slice(0, 8);
}

/** Sees to it that the engine has the images of frameworks. */
import type { Logger } from "pino";
import type { DockerManager } from "./docker-manager.ts";
import { ownDockerfile } from "./dockerfiles.ts";

/** Policies that need the same image at the same time wait for one build. */
export interface ImageSupply {
  /** Builds the image from the project's Dockerfile; where there is none, pulls it. */
  fetch(framework: string, signal: AbortSignal): Promise<void>;
}

/** @param buildNetwork of the commands in a Dockerfile; see `BuildImageOptions` */
export function createImageSupply(
  { manager, logger }: { manager: DockerManager; logger: Logger },
  buildNetwork: string | undefined,
): ImageSupply {
  const underWay = new Map<string, Promise<void>>();

  async function obtain(framework: string, signal: AbortSignal): Promise<void> {
    const dockerfile = await ownDockerfile(framework);
    logger.info({ framework }, `there is no image: ${dockerfile === undefined ? "pulling" : "building"} it`);
    if (dockerfile === undefined) {
      await manager.pullImage({ framework });
      return;
    }
    const network = buildNetwork === undefined ? {} : { network: buildNetwork };
    const onProgress = (line: string) => logger.debug({ framework }, line);
    await manager.buildImage({ framework, ...dockerfile, ...network, onProgress, signal });
  }

  return {
    fetch(framework, signal) {
      const running = underWay.get(framework);
      if (running !== undefined) return running;
      const begun = obtain(framework, signal).finally(() => underWay.delete(framework));
      underWay.set(framework, begun);
      return begun;
    },
  };
}

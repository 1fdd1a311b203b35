/** Builds, pulls, pushes, lists and removes the images of frameworks. */
import type { Logger } from "pino";
import { locateDockerfile, packContext } from "./build-context.ts";
import { validateImages } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError } from "./engine/errors.ts";
import { imageLabels } from "./engine/labels.ts";
import { type Framework, frameworkNamed, frameworks } from "./frameworks.ts";
import { outputLines, progressEvents, type TransferProgress, TransferSum } from "./progress.ts";
import { imageName, repositoryName, type Settings } from "./settings.ts";

interface BuildImageOptions {
  readonly framework: string;
  readonly dockerfilePath: string;
  /** The folder that the Dockerfile copies from; its own when missing. */
  readonly contextPath?: string;
  /** As in `linux/arm64`; the engine's own when missing. */
  readonly platform?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** `latest` when missing. */
  readonly tag?: string;
  /** Of the build's commands: `host` lets them use the engine machine's own. */
  readonly network?: string;
  /** Gets each line of output as it comes. */
  readonly onProgress?: (line: string) => void;
  /** Gives the build up. */
  readonly signal?: AbortSignal;
}

interface TransferOptions {
  readonly framework: string;
  /** `latest` when missing. */
  readonly tag?: string;
  readonly onProgress?: (progress: TransferProgress) => void;
}

interface RemoveImageOptions {
  readonly framework: string;
  /** `latest` when missing. */
  readonly tag?: string;
  /** Also when a container that does not run was made from it. */
  readonly force?: boolean;
}

export interface ImageInfo {
  /** A digest. */
  readonly id: string;
  /** `<registry>/<framework>:<tag>` */
  readonly name: string;
  readonly framework: string;
  readonly tag: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The calls about images. */
export interface Images {
  /** @returns the image's name. @throws DockerError `build_failed`, `disk_full`, `invalid_option` */
  buildImage(options: BuildImageOptions): Promise<string>;
  /** @returns the image's name. @throws DockerError `registry_failed`, `disk_full` */
  pullImage(options: TransferOptions): Promise<string>;
  /** @returns the image's name. @throws DockerError `registry_failed`, `image_missing` */
  pushImage(options: TransferOptions): Promise<string>;
  /** Of a framework, or of all of them. */
  listImages(framework?: string): Promise<ImageInfo[]>;
  /** @throws DockerError `image_missing`, `image_in_use` */
  removeImage(options: RemoveImageOptions): Promise<void>;
}

/** The engine builds on what it built before, which somebody may remove just then: then it knows better the next time. */
const lostCache =
  /failed to get digest|unknown parent image|layer does not exist|(no such|unable to find) image:? "?sha256/i;
const maxAttempts = 3;

export function createImages(engine: Engine, logger: Logger, settings: Settings): Images {
  const { registryLogin = {} } = settings;

  async function build(options: BuildImageOptions): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await buildOnce(options);
      } catch (error) {
        if (attempt === maxAttempts || !(error instanceof DockerError && lostCache.test(error.message))) throw error;
      }
    }
  }

  async function buildOnce({ onProgress = () => undefined, ...options }: BuildImageOptions): Promise<string> {
    const name = imageName(settings, frameworkNamed(options.framework), options.tag);
    const { folder, dockerfile } = await locateDockerfile(options.dockerfilePath, options.contextPath);
    const output = engine.stream(async (docker) =>
      docker.buildImage(await packContext(folder, dockerfile), {
        t: name,
        dockerfile,
        labels: { ...imageLabels(settings.owner) },
        forcerm: true,
        buildargs: { ...options.buildArgs },
        platform: options.platform,
        networkmode: options.network,
        ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
      }),
    );
    for await (const line of outputLines(progressEvents(output, "build_failed"))) onProgress(line);
    logger.info({ image: name }, "built an image");
    return name;
  }

  async function transfer(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    onProgress: TransferOptions["onProgress"] = () => undefined,
  ): Promise<string> {
    const sum = new TransferSum();
    try {
      for await (const event of progressEvents(bytes, "registry_failed")) {
        const progress = sum.add(event);
        if (progress !== undefined) onProgress(progress);
      }
    } catch (error) {
      throw transferFailed(name, error);
    }
    logger.info({ image: name }, "transferred an image");
    return name;
  }

  async function list(frameworks: readonly Framework[]): Promise<ImageInfo[]> {
    const reference = frameworks.map((framework) => repositoryName(settings, framework));
    const found = await engine.ask(validateImages, (docker) => docker.listImages({ filters: { reference } }));
    return found.flatMap(({ Id, RepoTags, Size, Created }) =>
      (RepoTags ?? []).flatMap((name) => {
        const framework = frameworks.find((known) => name.startsWith(`${repositoryName(settings, known)}:`));
        if (framework === undefined) return [];
        const tag = name.slice(repositoryName(settings, framework).length + 1);
        const createdAt = new Date(Created * 1_000).toISOString();
        return [{ id: Id, name, framework: framework.name, tag, bytes: Size, createdAt }];
      }),
    );
  }

  return {
    buildImage: build,
    pullImage({ framework, tag = "latest", onProgress }) {
      const fromImage = repositoryName(settings, frameworkNamed(framework));
      const bytes = engine.stream((docker) => docker.createImage(registryLogin, { fromImage, tag }));
      return transfer(`${fromImage}:${tag}`, bytes, onProgress);
    },
    pushImage({ framework, tag = "latest", onProgress }) {
      const name = repositoryName(settings, frameworkNamed(framework));
      const bytes = engine.stream((docker) => docker.getImage(name).push({ tag, authconfig: registryLogin }));
      return transfer(`${name}:${tag}`, bytes, onProgress);
    },
    listImages: (framework) => list(framework === undefined ? frameworks : [frameworkNamed(framework)]),
    async removeImage({ framework, tag, force = false }) {
      const name = imageName(settings, frameworkNamed(framework), tag);
      await engine.tell((docker) => docker.getImage(name).remove({ force }), {
        404: () => new DockerError("image_missing", `there is no image ${name}: see npm run docker -- images`),
        409: (detail) =>
          new DockerError("image_in_use", `a container was made from ${name}: remove it first (${detail})`),
      });
      logger.info({ image: name }, "removed an image");
    },
  };
}

function transferFailed(name: string, error: unknown): unknown {
  if (!(error instanceof DockerError) || !["refused", "registry_failed"].includes(error.code)) return error;
  const advice = "is the name right, does the registry answer, does it want REGISTRY_USERNAME and REGISTRY_PASSWORD?";
  return new DockerError("registry_failed", `${name}: ${error.message}: ${advice}`, { cause: error });
}

/** What a Docker Manager may be told. */
import { homedir } from "node:os";
import { join } from "node:path";
import type { Framework } from "./frameworks.ts";
import { type GpuIds, noGpus } from "./gpus.ts";

/**
 * How clients reach containers: `host`, those on the engine's machine, by a port of it; `network`, those that are in a
 * container themselves, on the network on which containers meet.
 */
type Reach = "host" | "network";

/** All of it may be left out. */
export interface DockerManagerOptions {
  /** On which the containers meet; `physical_ai_network` when missing. */
  readonly networkName?: string;
  /** The folder on the engine's machine that containers share; `~/.cache/physical_ai_tools` when missing. */
  readonly sharedVolumePath?: string;
  /** Models from the Hugging Face hub, downloaded once; `~/.cache/huggingface` when missing. */
  readonly huggingFacePath?: string;
  /** Before the framework in an image's name, with a host when it is not Docker Hub; `robotis` when missing. */
  readonly baseImageRegistry?: string;
  /** For registries that want to know who pulls or pushes. */
  readonly registryLogin?: RegistryLogin;
  /** Of containers that are made without a word about GPUs; none when missing. */
  readonly gpuIds?: GpuIds;
  /**
   * Whose containers these are: the value of their label, and the beginning of their names. Managers with the same
   * owner share their containers, also one after the other; others' are never touched. `physical_ai` when missing.
   */
  readonly owner?: string;
  /** `host` when missing. */
  readonly reach?: Reach;
}

interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** The options with their defaults. */
export type Settings = Required<Omit<DockerManagerOptions, "registryLogin">> &
  Pick<DockerManagerOptions, "registryLogin">;

/** The names where nobody gave others. */
export const defaultNames = {
  networkName: "physical_ai_network",
  baseImageRegistry: "robotis",
  owner: "physical_ai",
};

export function withDefaults(options: DockerManagerOptions): Settings {
  return {
    ...defaultNames,
    sharedVolumePath: join(homedir(), ".cache", "physical_ai_tools"),
    huggingFacePath: join(homedir(), ".cache", "huggingface"),
    gpuIds: noGpus,
    reach: "host",
    ...options,
  };
}

/** `<registry>/<framework>`: an image without its tag. */
export function repositoryName({ baseImageRegistry }: Settings, framework: Framework): string {
  return `${baseImageRegistry}/${framework.name}`;
}

/** `<registry>/<framework>:<tag>` */
export function imageName(settings: Settings, framework: Framework, tag = "latest"): string {
  return `${repositoryName(settings, framework)}:${tag}`;
}

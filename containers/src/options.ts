/** The options of a Docker Manager on command lines: those of `npm run docker` and of the brain worker. */
import { Option } from "@commander-js/extra-typings";
import { type DockerManagerOptions, defaultNames } from "./settings.ts";

export const registryOption = () =>
  new Option("--registry <name>", "what stands before the framework in an image's name")
    .env("BASE_IMAGE_REGISTRY")
    .default(defaultNames.baseImageRegistry);
export const networkNameOption = () =>
  new Option("--network-name <name>", "where the containers of policies meet")
    .env("DOCKER_NETWORK_NAME")
    .default(defaultNames.networkName);
export const sharedVolumeOption = () =>
  new Option("--shared-volume <folder>", "what they share; ~/.cache/physical_ai_tools when missing").env(
    "SHARED_VOLUME_PATH",
  );
export const ownerOption = () =>
  new Option("--owner <name>", "whose containers these are; others' are never touched")
    .env("DOCKER_OWNER")
    .default(defaultNames.owner);

/** What was said with them. */
export type ManagerFlags = {
  registry: string;
  networkName: string;
  owner: string;
  sharedVolume?: string | undefined;
};

export function managerOptionsOf({ registry, networkName, owner, sharedVolume }: ManagerFlags): DockerManagerOptions {
  const shared = sharedVolume === undefined ? {} : { sharedVolumePath: sharedVolume };
  return { networkName, owner, baseImageRegistry: registry, ...shared };
}

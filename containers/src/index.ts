/** The Docker Manager, the containers of policies, and the options that say where they are. */
export type { CreateContainerOptions } from "./create-container.ts";
export { createDockerManager, type DockerManager } from "./docker-manager.ts";
export {
  managerOptionsOf,
  networkNameOption,
  ownerOption,
  registryOption,
  sharedVolumeOption,
} from "./options.ts";
export { createContainerPlace } from "./policy-container.ts";
export type { TransferProgress } from "./progress.ts";
export type { DockerManagerOptions } from "./settings.ts";

/** What others may use of the Docker Manager. */
export type { ContainerConfig, Volume } from "./container-spec.ts";
export type { ContainerUsage } from "./container-usage.ts";
export type { RemoveOptions, StopOptions } from "./containers.ts";
export type { CreateContainerOptions } from "./create-container.ts";
export { createDockerManager, type DockerManager, type DockerManagerDependencies } from "./docker-manager.ts";
export { DockerError, type DockerErrorCode } from "./errors.ts";
export type { ExecRequest, ExecResult, ExecStream, OutputLine } from "./exec.ts";
export { type ContainerHost, createContainerPlace } from "./framework-container.ts";
export { type Framework, type FrameworkStart, frameworkNamed } from "./frameworks.ts";
export type { GpuUsage } from "./gpu-usage.ts";
export { type GpuIds, parseGpuIds } from "./gpus.ts";
export { createImageSupply } from "./image-supply.ts";
export type { BuildImageOptions, ImageInfo, RemoveImageOptions, TransferOptions } from "./images.ts";
export {
  managerOptionsOf,
  networkNameOption,
  ownerOption,
  registryOption,
  sharedVolumeOption,
} from "./manager-flags.ts";
export type { Communication, Protocol } from "./networks.ts";
export type { ContainerInfo, ContainerStatus } from "./own-containers.ts";
export type { ProcessInfo } from "./process-usage.ts";
export type { FrameworkProcess, StopProcessOptions } from "./processes.ts";
export type { TransferProgress } from "./progress.ts";
export type { MemoryLimits, ResourceUsage } from "./resources.ts";
export type { DockerManagerOptions, RegistryLogin } from "./settings.ts";

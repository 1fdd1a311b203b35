/** The command lines of this room. Nothing else reads flags or the environment. */
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, Option } from "@commander-js/extra-typings";
import {
  type DockerManagerOptions,
  managerOptionsOf,
  networkNameOption,
  ownerOption,
  registryOption,
  sharedVolumeOption,
} from "@physical-ai/containers";
import { policiesOption } from "@physical-ai/policy/options";
import {
  hubUrlOption,
  logFormatOption,
  logLevelOption,
  type ServiceConfig,
  statusHostOption,
  statusPortOption,
  tokenFileOption,
  tokenOf,
  tokenOption,
} from "@physical-ai/service/options";
import type { BrainWorkerOptions } from "./worker.ts";

/** Seen from `dist` and from `src`. */
const ownPolicies = fileURLToPath(new URL("../policies", import.meta.url));

export interface Config extends BrainWorkerOptions, ServiceConfig {
  /** For policies in containers. */
  readonly docker: DockerManagerOptions;
}

/** @param argv the arguments of the user */
export function readConfig(argv: readonly string[]): Config {
  const options = new Command("npm run brain-worker --")
    .description(
      "Runs policies on the packets of robots and answers with predictions. A model file that changes is checked and " +
        "taken over without a pause; policy files (*.yaml) are read when the worker starts.",
    )
    .addOption(hubUrlOption())
    .addOption(tokenOption())
    .addOption(tokenFileOption())
    .addOption(
      new Option("--worker-id <id>", "the worker's name at the hub; of two workers with one name, one must go")
        .env("WORKER_ID")
        .default(`brain-worker-${hostname()}`),
    )
    .addOption(policiesOption(ownPolicies))
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .addOption(statusPortOption())
    .addOption(statusHostOption())
    .addOption(registryOption())
    .addOption(networkNameOption())
    .addOption(sharedVolumeOption())
    .addOption(ownerOption())
    .addOption(
      new Option(
        "--container-user <name>",
        "the worker's name at the Docker Engine, where workers of several hubs may meet; the worker's id when missing",
      ).env("CONTAINER_USER"),
    )
    .addOption(
      new Option("--reach-containers <by>", "network where the worker itself is in a container on the same network")
        .env("REACH_CONTAINERS")
        .choices(["host", "network"] as const)
        .default("host" as const),
    )
    .addOption(
      new Option(
        "--build-network <network>",
        "of the commands that build an image: host lets them use the machine's own network",
      ).env("DOCKER_BUILD_NETWORK"),
    )
    .parse([...argv], { from: "user" })
    .opts();
  const containerUser = `${options.owner}_${options.containerUser ?? options.workerId}`;
  const docker = { ...managerOptionsOf(options), reach: options.reachContainers };
  return { ...options, token: tokenOf(options), policiesDir: options.policies, docker, containerUser };
}

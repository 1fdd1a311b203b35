/** Docker Managers of tests: each with an owner of its own, and gone without a trace. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type CreateContainerOptions,
  createDockerManager,
  type DockerManager,
  type DockerManagerOptions,
} from "@physical-ai/containers";
import { messageOf } from "@physical-ai/service/errors";
import Docker from "dockerode";
import { pino } from "pino";

/** What the Dockerfiles of tests and of the project start from. */
const baseImage = "python:3.12-slim-bookworm";
/** A stand-in for a framework's image: Python, and a process that listens. */
export const referenceDockerfile = fileURLToPath(new URL("../docker/fixtures/reference/Dockerfile", import.meta.url));

/** A manager, and what it was made with. Whoever opens it closes it. */
export interface TestDocker {
  readonly manager: DockerManager;
  readonly options: Required<Pick<DockerManagerOptions, "owner" | "networkName" | "baseImageRegistry">> &
    DockerManagerOptions;
  /** The engine itself, to look behind the manager. */
  readonly engine: Docker;
  /** Builds the stand-in for `reference`. */
  buildReference(): Promise<void>;
  /** A container of `reference` that runs. @returns its id */
  startReference(options?: Omit<CreateContainerOptions, "framework">): Promise<string>;
  /** Another manager with the same options, as after a restart of the process. */
  another(): DockerManager;
  /** Removes all that bears the owner's name, and the folders. */
  close(): Promise<void>;
}

/** Whether an engine answers that has the base image, or can fetch it. */
export async function hasDocker(): Promise<boolean> {
  const engine = new Docker();
  try {
    await engine.ping();
    const image = await engine
      .getImage(baseImage)
      .inspect()
      .catch(() => undefined);
    if (image === undefined) await readToEnd(await engine.createImage({ fromImage: baseImage }));
    return true;
  } catch (error) {
    const problem = messageOf(error);
    console.warn(`skipped: no Docker Engine that has ${baseImage}, or can pull it: ${problem}`);
    return false;
  }
}

/** Opens a manager that shares nothing with others. `options` come on top. */
export async function openTestDocker(options: DockerManagerOptions = {}): Promise<TestDocker> {
  const engine = new Docker();
  const logger = pino({ level: "silent" });
  const folder = await mkdtemp(join(tmpdir(), "docker-test-"));
  const owner = `test_${randomBytes(4).toString("hex")}`;
  const all = {
    owner,
    networkName: `${owner}_network`,
    baseImageRegistry: owner,
    sharedVolumePath: join(folder, "shared"),
    huggingFacePath: join(folder, "huggingface"),
    ...options,
  };
  const another = () => createDockerManager({ logger, docker: engine }, all);
  const manager = another();
  return {
    manager,
    options: all,
    engine,
    async buildReference() {
      await manager.buildImage({ framework: "reference", dockerfilePath: referenceDockerfile });
    },
    async startReference(containerOptions) {
      return manager.startContainer(await manager.createContainer({ framework: "reference", ...containerOptions }));
    },
    another,
    async close() {
      await removeAll(engine, all);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function removeAll(
  engine: Docker,
  { owner, networkName, baseImageRegistry }: TestDocker["options"],
): Promise<void> {
  const containers = await engine.listContainers({ all: true, filters: { name: [owner] } });
  await Promise.all(containers.map(({ Id }) => engine.getContainer(Id).remove({ force: true, v: true })));
  const networks = await engine.listNetworks({ filters: { name: [networkName] } });
  await Promise.all(networks.map(({ Id }) => engine.getNetwork(Id).remove()));
  const named = await engine.listImages({ filters: { reference: [`${baseImageRegistry}/*`] } });
  // Those that lost their name to a newer one.
  const nameless = await engine.listImages({
    filters: { label: [`physical_ai.built_by=${owner}`], dangling: ["true"] },
  });
  const images = [...named.flatMap(({ RepoTags }) => RepoTags ?? []), ...nameless.map(({ Id }) => Id)];
  await Promise.all(images.map((image) => engine.getImage(image).remove({ force: true })));
}

async function readToEnd(stream: NodeJS.ReadableStream): Promise<void> {
  for await (const _ of stream);
}

/** Connects to a port of this machine, and resolves with all that is said there; rejects when nobody listens. */
export async function connectOnce(port: number, host = "127.0.0.1"): Promise<string> {
  const socket = createConnection({ port, host }).setEncoding("utf8");
  await once(socket, "connect");
  let said = "";
  for await (const text of socket) said += text;
  return said;
}

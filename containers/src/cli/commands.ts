/** The commands of `npm run docker`: what they ask of the manager, and what people see. Results go to stdout. */
import { join } from "node:path";
import { untilReady, ZmqClient } from "@physical-ai/policy-wires";
import { messageOf } from "@physical-ai/service/errors";
import type { DockerManager } from "../docker-manager.ts";
import { DockerError } from "../engine/errors.ts";
import type { ExecStream } from "../exec.ts";
import { frameworkNamed } from "../frameworks.ts";
import type { ContainerInfo } from "../own-containers.ts";
import { logFileOf } from "../processes.ts";
import { down, type UpOptions, up } from "../up-and-down.ts";
import { containerTable, imageTable, usageTable } from "./tables.ts";
import { showTransfer } from "./transfer-bar.ts";

/** Each resolves when it is done; what went wrong is a DockerError. */
export interface DockerCommands {
  build(framework: string, options: BuildCommandOptions): Promise<void>;
  pull(framework: string, options: { tag: string }): Promise<void>;
  push(framework: string, options: { tag: string }): Promise<void>;
  images(options: { json: boolean }): Promise<void>;
  rmi(framework: string, options: { tag: string; force: boolean }): Promise<void>;
  up(framework: string, options: UpOptions): Promise<void>;
  down(frameworks: readonly string[]): Promise<void>;
  restart(container: string): Promise<void>;
  stop(container: string): Promise<void>;
  rm(container: string, options: { force: boolean }): Promise<void>;
  ps(options: { all: boolean; json: boolean }): Promise<void>;
  stats(containers: readonly string[], options: { json: boolean }): Promise<void>;
  logs(container: string, options: { follow: boolean; lines: number }): Promise<void>;
  /** @returns the command's exit code */
  exec(container: string, command: readonly string[]): Promise<number>;
}

interface BuildCommandOptions {
  containers: string;
  dockerfile?: string;
  tag: string;
  platform?: string;
  buildArg: Record<string, string>;
  network?: string;
}

const result = (text: string) => console.log(text);
const progress = (line: string) => console.error(line);
const show = <T>(value: T, json: boolean, table: (value: T) => string) =>
  result(json ? JSON.stringify(value) : table(value));

export function createDockerCommands(manager: DockerManager): DockerCommands {
  const named = (text: string) => containerNamed(manager, text);
  return {
    async build(framework, { containers, dockerfile, buildArg, ...options }) {
      const source =
        dockerfile === undefined
          ? { dockerfilePath: join(containers, framework, "Dockerfile"), contextPath: containers }
          : { dockerfilePath: dockerfile };
      result(await manager.buildImage({ framework, ...source, ...options, buildArgs: buildArg, onProgress: progress }));
    },
    async pull(framework, { tag }) {
      result(await showTransfer((onProgress) => manager.pullImage({ framework, tag, onProgress })));
    },
    async push(framework, { tag }) {
      result(await showTransfer((onProgress) => manager.pushImage({ framework, tag, onProgress })));
    },
    images: async ({ json }) => show(await manager.listImages(), json, imageTable),
    rmi: (framework, options) => manager.removeImage({ framework, ...options }),
    async up(framework, options) {
      const container = await up(manager, framework, options, progress);
      await untilItAnswers(container, frameworkNamed(framework).startPatienceSeconds * 1_000);
      result(container.endpoint);
    },
    down: (frameworks) => down(manager, frameworks, progress),
    async restart(container) {
      await manager.restartContainer((await named(container)).id);
    },
    stop: async (container) => manager.stopContainer((await named(container)).id),
    rm: async (container, { force }) => manager.removeContainer((await named(container)).id, { force, volumes: true }),
    ps: async ({ all, json }) => show(await manager.listContainers(all), json, containerTable),
    async stats(containers, { json }) {
      const meant = containers.length > 0 ? await Promise.all(containers.map(named)) : await manager.listContainers();
      const usages = meant.map(async ({ id, name }) => ({ name, ...(await manager.monitorResources(id)) }));
      show(await Promise.all(usages), json, usageTable);
    },
    async logs(container, { follow, lines }) {
      const { id, framework } = await named(container);
      const file = logFileOf(frameworkNamed(framework));
      const command = ["tail", "-n", String(lines), ...(follow ? ["-F"] : []), file];
      const exitCode = await showToEnd(await manager.execCommand(id, { command, stream: true }));
      if (exitCode === 1) throw new DockerError("refused", `${framework} has said nothing: start it with up first`);
    },
    async exec(container, command) {
      const { id } = await named(container);
      return showToEnd(await manager.execCommand(id, { command, stream: true }));
    },
  };
}

/** Its port listens; now it must also answer, there where clients will ask. */
async function untilItAnswers({ name, endpoint }: ContainerInfo, withinMs: number): Promise<void> {
  const client = new ZmqClient({ endpoint });
  try {
    await untilReady(client, withinMs);
  } catch (error) {
    const problem = `${messageOf(error)}; see npm run docker -- logs ${name}`;
    throw new DockerError("process_failed", problem, { cause: error });
  } finally {
    client.close();
  }
}

/**
 * @param text a framework where there is one container of it, a name, or an id or its beginning
 * @throws DockerError `container_missing`, `not_ours`, `invalid_option` where it could be several
 */
async function containerNamed(manager: DockerManager, text: string): Promise<ContainerInfo> {
  const containers = (await manager.listContainers(true)).filter(({ framework }) => framework === text);
  const [only, ...others] = containers;
  if (only === undefined) return manager.getContainer(text);
  if (others.length === 0) return only;
  const names = containers.map(({ name }) => name).join(", ");
  throw new DockerError("invalid_option", `expected one container; there are several of ${text}: name one of ${names}`);
}

/** Shows what a command says, until it ends or Ctrl-C ends it. @returns its exit code */
async function showToEnd(command: ExecStream): Promise<number> {
  const kill = () => void command.kill();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, kill);
  for await (const { stream, line } of command) process[stream].write(`${line}\n`);
  return command.exitCode();
}

/** The containers of docker-compose.yml, brought up from a copy of the repository as a clone would be. */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "./test-stack.ts";

/** A project of Docker Compose. Whoever opens it closes it. */
export interface ComposeStack {
  readonly project: string;
  /** The copy. */
  readonly folder: string;
  /** Runs a command of Docker Compose; resolves with what it printed. */
  compose(...args: string[]): Promise<string>;
  /** Runs a script in which `docker compose` means this project. */
  script(text: string): Promise<string>;
  /** Runs a command of the engine's. */
  docker(...args: string[]): Promise<string>;
  /** The id of a service's container. */
  container(service: string): Promise<string>;
  /** What the engine says of a service's container, by a template of `docker inspect`. */
  inspect(service: string, template: string): Promise<string>;
  /** The first column of the first row, from psql beside the database. */
  sql(query: string): Promise<string>;
  /** The link that the hub printed for people. */
  link(): Promise<URL>;
  /** Removes all of it but the images, which the next run need not build again. */
  close(): Promise<void>;
}

/** Of all there are. */
export const allProfiles = ["--profile", "cluster", "--profile", "policies"];

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const maxBuffer = 64_000_000;

/** Whether Docker Compose is there, and an engine that it can use. */
export function hasCompose(): boolean {
  if (composeProgram() !== undefined) return true;
  console.warn("skipped: no Docker Engine, or neither docker compose nor docker-compose");
  return false;
}

function composeProgram(): readonly string[] | undefined {
  const answers = ([program = "", ...args]: readonly string[]) => {
    try {
      execFileSync(program, [...args, "version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  if (!answers(["docker"])) return undefined;
  return [["docker", "compose"], ["docker-compose"]].find(answers);
}

/** Copies the repository; nothing is built or started yet. */
export async function openComposeStack(): Promise<ComposeStack> {
  const [program = "docker-compose", ...first] = composeProgram() ?? [];
  const folder = await mkdtemp(join(tmpdir(), "hub-compose-"));
  await run(
    "sh",
    ["-c", 'git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$0"', folder],
    {
      cwd: root,
    },
  );
  const project = folder.slice(folder.lastIndexOf("/") + 1).toLowerCase();
  const { PATH, HOME, DOCKER_HOST } = process.env;
  // What .env would say, where several of these live side by side.
  const env = {
    ...{ PATH, HOME, DOCKER_HOST },
    IMAGES: `physical-ai-test-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`,
    HUB_PORT: String(await freePort()),
    BALANCER_PORT: String(await freePort()),
    DOCKER_GID: String((await stat("/var/run/docker.sock")).gid),
    DOCKER_BUILD_NETWORK: "host",
    POLICIES_NETWORK: `${project}_policies`,
    POLICIES_OWNER: project,
    POLICIES_REGISTRY: project,
    POLICIES_CACHE: join(folder, "cache"),
  };
  const files = ["-f", "docker-compose.yml", "-f", "test/compose/docker-compose.test.yml"];

  async function call(command: string, args: readonly string[]): Promise<string> {
    return (await run(command, args, { cwd: folder, env, maxBuffer })).stdout.trim();
  }
  const compose = (...args: string[]) => call(program, [...first, "-p", project, ...files, ...args]);
  const docker = (...args: string[]) => call("docker", args);

  const script = (text: string) => {
    const composeHere = [program, ...first, "-p", project, ...files].join(" ");
    return call("sh", ["-ec", `docker() { shift; ${composeHere} "$@"; }\n${text}`]);
  };

  async function container(service: string): Promise<string> {
    const filters = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
    return docker("ps", "--all", "--quiet", ...filters.flatMap((label) => ["--filter", `label=${label}`]));
  }

  return {
    project,
    folder,
    compose,
    script,
    docker,
    container,
    inspect: async (service, template) => docker("inspect", "--format", template, await container(service)),
    sql: async (query) => docker("exec", await container("postgres"), "psql", "-U", "hub", "-Atc", query),
    async link() {
      const text = /\bhttp:\/\/\S+token=\S+/.exec(await docker("logs", await container("hub")))?.[0];
      if (text === undefined) throw new Error("the hub has not printed its link");
      return new URL(text);
    },
    async close() {
      await compose(...allProfiles, "down", "--volumes", "--timeout", "0");
      const own = await docker("ps", "--all", "--quiet", "--filter", `label=physical_ai.owner=${project}`);
      if (own !== "") await docker("rm", "--force", ...own.split("\n"));
      const images = await docker("images", "--quiet", `${project}/*`);
      if (images !== "") await docker("rmi", "--force", ...images.split("\n"));
      await rm(folder, { recursive: true });
    },
  };
}

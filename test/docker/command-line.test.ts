import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectOnce, hasDocker, openTestDocker, type TestDocker } from "../src/docker.ts";
import { eventually } from "../src/eventually.ts";

const program = fileURLToPath(import.meta.resolve("@physical-ai/containers")).replace(/index\.js$/, "main.js");

/** For an image that is built with what a package registry has. Bounds what hangs, and nothing else. */
const patienceMs = 600_000;

/** Starts a command of `npm run docker`. */
function start(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]).then(
    ([stdout, stderr, [exitCode]]) => ({ stdout, stderr, exitCode }),
  );
  return { child, ended, said: () => said };
}

it("says in words and by its exit code what is wrong", async () => {
  const nowhere = await start({ DOCKER_HOST: "unix:///nowhere.sock" }, "ps").ended;
  expect(nowhere).toMatchObject({ exitCode: 3, stdout: "", stderr: expect.stringContaining("set DOCKER_HOST") });
  const misspelt = await start({}, "up", "lerobo").ended;
  expect(misspelt).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("groot_n15") });
});

describe.skipIf(!(await hasDocker()))("npm run docker", () => {
  let docker: TestDocker;
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    docker = await openTestDocker();
    const { owner, networkName, baseImageRegistry, sharedVolumePath } = docker.options;
    environment = {
      DOCKER_OWNER: owner,
      DOCKER_NETWORK_NAME: networkName,
      BASE_IMAGE_REGISTRY: baseImageRegistry,
      SHARED_VOLUME_PATH: sharedVolumePath,
      NVIDIA_VISIBLE_DEVICES: "none",
    };
  });
  afterAll(() => docker.close());

  const run = (...args: string[]) => start(environment, ...args).ended;

  it(
    "brings the reference framework up from nothing, shows it, and leaves nothing behind",
    async () => {
      const { owner, baseImageRegistry } = docker.options;
      const early = await run("up", "reference");
      expect(early).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("build reference") });

      const built = await run("build", "reference", "--network", "host");
      expect(built).toMatchObject({ exitCode: 0, stdout: `${baseImageRegistry}/reference:latest\n` });
      expect(built.stderr).toContain("Step 1/");
      expect((await run("images")).stdout).toContain(`${baseImageRegistry}/reference:latest`);

      const up = await run("up", "reference", "--memory", "512m");
      expect(up).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+\n$/) });
      const again = await run("up", "reference");
      expect(again).toMatchObject({ exitCode: 0, stdout: up.stdout });

      const [list, table, stats, logs, inside] = await Promise.all([
        run("ps", "--json"),
        run("ps"),
        run("stats", "--json"),
        run("logs", "reference"),
        run("exec", "reference", "--", "sh", "-c", "echo out; echo err >&2; exit 5"),
      ]);
      const name = `${owner}_reference`;
      expect(JSON.parse(list.stdout)).toMatchObject([{ name, status: "running", endpoint: up.stdout.trim() }]);
      expect(table.stdout).toMatch(new RegExp(`^CONTAINER .*\n${name} +reference +running`));
      expect(JSON.parse(stats.stdout)).toMatchObject([{ name, memoryLimitBytes: 512 * 1_024 ** 2 }]);
      expect(logs.stdout).toContain("serving model");
      expect(inside).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 5 });

      const down = await run("down");
      expect(down).toMatchObject({ exitCode: 0, stderr: `removed ${owner}_reference\n` });
      expect(await docker.engine.listContainers({ all: true, filters: { name: [owner] } })).toEqual([]);
      expect(await docker.engine.listNetworks({ filters: { name: [owner] } })).toEqual([]);
      expect(await run("rmi", "reference")).toMatchObject({ exitCode: 0 });
      expect(await docker.manager.listImages()).toEqual([]);
    },
    patienceMs,
  );

  it(
    "ends what it follows when it is interrupted",
    async () => {
      await docker.buildReference();
      const id = await docker.startReference();
      await docker.manager.startFrameworkProcess(id, "reference", { mode: "inference", modelPath: "good" });
      expect(await connectOnce((await docker.manager.getContainer(id)).port)).toBe("hello");
      const following = start(environment, "logs", "reference", "--follow");
      const tails = async () =>
        (await docker.manager.execCommand(id, { command: ["sh", "-c", "grep -l tail /proc/[0-9]*/comm"] })).stdout;
      await eventually(async () => expect(await tails()).not.toBe(""));
      // It handles signals before it shows the first line.
      await eventually(() => expect(following.said()).toContain("ready"));
      following.child.kill("SIGINT");
      expect(await following.ended).toMatchObject({ stdout: expect.stringContaining("ready") });
      expect(await tails()).toBe("");
      expect(await run("down", "reference")).toMatchObject({ exitCode: 0 });
    },
    patienceMs,
  );
});

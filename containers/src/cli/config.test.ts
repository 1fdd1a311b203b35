import { CommanderError } from "@commander-js/extra-typings";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { DockerManagerOptions } from "../settings.ts";
import { runCommandLine } from "./config.ts";

let said: string;
beforeEach(() => {
  for (const name of ["NVIDIA_VISIBLE_DEVICES", "DOCKER_OWNER"]) vi.stubEnv(name, undefined);
  said = "";
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      said += String(text);
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Runs a command line, and says what it called, and with which options for the manager. */
async function read(...argv: string[]) {
  const calls: unknown[] = [];
  let manager: DockerManagerOptions = {};
  const record =
    (name: string) =>
    async (...args: unknown[]): Promise<void> => {
      calls.push([name, ...args]);
    };
  const exitCode = await runCommandLine(argv, (options) => {
    manager = options;
    return {
      build: record("build"),
      pull: record("pull"),
      push: record("push"),
      images: record("images"),
      rmi: record("rmi"),
      up: record("up"),
      down: record("down"),
      restart: record("restart"),
      stop: record("stop"),
      rm: record("rm"),
      ps: record("ps"),
      stats: record("stats"),
      logs: record("logs"),
      async exec(...args) {
        calls.push(["exec", ...args]);
        return 7;
      },
    };
  });
  return { calls, manager, exitCode };
}

it("knows what may be left out", async () => {
  const { calls, manager, exitCode } = await read("up", "lerobot");
  const defaults = { gpus: [], set: {}, env: {}, tag: "latest" };
  expect(calls).toEqual([["up", "lerobot", defaults]]);
  expect(manager).toEqual({ owner: "physical_ai", networkName: "physical_ai_network", baseImageRegistry: "robotis" });
  expect(exitCode).toBe(0);
});

it("takes options before and after the command", async () => {
  const before = ["--registry", "here:5000/team", "--shared-volume", "/data", "--registry-username", "robot"];
  const after = ["--gpus", "0,1", "--memory", "16g", "--port", "6000", "--env", "A=1", "--env", "B=x=y"];
  const { calls, manager } = await read(...before, "up", "pi0", ...after);
  expect(calls).toEqual([
    ["up", "pi0", expect.objectContaining({ gpus: ["0", "1"], memory: "16g", port: 6_000, env: { A: "1", B: "x=y" } })],
  ]);
  expect(manager).toMatchObject({
    baseImageRegistry: "here:5000/team",
    sharedVolumePath: "/data",
    registryLogin: { username: "robot", password: "" },
  });
});

it("reads the environment, for GPUs as NVIDIA's containers do", async () => {
  vi.stubEnv("NVIDIA_VISIBLE_DEVICES", "all");
  vi.stubEnv("DOCKER_OWNER", "me");
  const { calls, manager } = await read("up", "pi0");
  expect(calls).toEqual([["up", "pi0", expect.objectContaining({ gpus: "all" })]]);
  expect(manager.owner).toBe("me");
});

it("leaves a command's own options to it, and ends as it ends", async () => {
  for (const before of [[], ["--"]]) {
    const { calls, exitCode } = await read("exec", "lerobot", ...before, "ls", "--all", "--", "-l");
    expect(calls).toEqual([["exec", "lerobot", ["ls", "--all", "--", "-l"]]]);
    expect(exitCode).toBe(7);
  }
});

it.each([
  [["up", "openvla"], "lerobot"],
  [["up", "pi0", "--gpus", "some"], "all, none, or a list"],
  [["up", "pi0", "--memory", "much"], "512m or 2g"],
  [["up", "pi0", "--port", "0"], "1 to 65535"],
  [["build", "pi0", "--build-arg", "x"], "NAME=value"],
  [["logs", "pi0", "--lines", "all"], "whole number"],
  [["launch"], "unknown command"],
])("says what is wrong with %j", async (argv, advice) => {
  await expect(read(...argv)).rejects.toThrow(CommanderError);
  expect(said).toContain(advice);
});

it("explains itself", async () => {
  await expect(read("--help")).rejects.toMatchObject({ exitCode: 0 });
  for (const word of ["build", "pull", "up", "down", "ps", "logs", "exec", "stats", "DOCKER_HOST", "groot_n15"]) {
    expect(said).toContain(word);
  }
});

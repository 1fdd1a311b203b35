import { createDockerManager } from "@physical-ai/containers";
import Docker from "dockerode";
import { pino } from "pino";
import { expect, it } from "vitest";
import { freePort } from "../src/test-stack.ts";

const logger = pino({ level: "silent" });

it("says what to do where no engine is", async () => {
  const port = await freePort();
  const manager = createDockerManager({ logger, docker: new Docker({ host: "127.0.0.1", port }) });
  await expect(manager.listContainers()).rejects.toMatchObject({
    code: "engine_unreachable",
    message: expect.stringMatching(/ECONNREFUSED 127\.0\.0\.1:\d+.*start it.*DOCKER_HOST/),
  });
});

it("says so too where the socket is missing, and of commands and builds", async () => {
  const nowhere = new Docker({ host: undefined, socketPath: "/nowhere/docker.sock" });
  const manager = createDockerManager({ logger, docker: nowhere });
  const pull = manager.pullImage({ framework: "reference" });
  await expect(pull).rejects.toMatchObject({ code: "engine_unreachable" });
  const exec = manager.execCommand("any", { command: ["true"] });
  await expect(exec).rejects.toThrow(/no Docker Engine answers \(connect ENOENT \/nowhere\/docker.sock\)/);
});

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DockerManager, TransferProgress } from "@physical-ai/containers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectOnce, hasDocker, openTestDocker, referenceDockerfile, type TestDocker } from "../src/docker.ts";
import { hasRegistry, startRegistry } from "../src/docker-registry.ts";
import { eventually } from "../src/eventually.ts";
import { freePort } from "../src/test-stack.ts";

describe.skipIf(!(await hasDocker()))("images", () => {
  let docker: TestDocker;
  let manager: DockerManager;
  let folder: string;
  beforeAll(async () => {
    docker = await openTestDocker();
    manager = docker.manager;
    folder = await mkdtemp(join(tmpdir(), "docker-build-"));
  });
  afterAll(async () => {
    await docker.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function dockerfile(...lines: string[]): Promise<string> {
    const path = join(folder, "Dockerfile");
    await writeFile(path, lines.join("\n"));
    return path;
  }

  it("are built with live output, arguments and a tag, and listed", async () => {
    const lines: string[] = [];
    const name = await manager.buildImage({
      framework: "reference",
      dockerfilePath: referenceDockerfile,
      buildArgs: { GREETING: "grüezi" },
      tag: "v2",
      onProgress: (line) => lines.push(line),
    });
    expect(name).toBe(`${docker.options.baseImageRegistry}/reference:v2`);
    expect(lines[0]).toMatch(/^Step 1\/\d+ : FROM/);
    expect(lines.at(-1)).toContain("Successfully tagged");

    expect(await manager.listImages("reference")).toEqual([
      expect.objectContaining({ name, framework: "reference", tag: "v2", bytes: expect.any(Number) }),
    ]);
    expect(await manager.listImages("lerobot")).toEqual([]);
    const { Config } = await docker.engine.getImage(name).inspect();
    expect(Config.Env).toContain("GREETING=grüezi");
    expect(Config.Labels).toEqual({ "physical_ai.built_by": docker.options.owner });
  });

  it("are built live: what is said can be answered while the build waits", async () => {
    const port = await freePort();
    const listen = `import socket; print("waiting", flush=True); socket.create_server(("127.0.0.1", ${port})).accept()`;
    const path = await dockerfile("FROM python:3.12-slim-bookworm", `RUN ["python", "-c", ${JSON.stringify(listen)}]`);
    await manager.buildImage({
      framework: "reference",
      dockerfilePath: path,
      network: "host",
      onProgress(line) {
        if (line === "waiting") void eventually(() => connectOnce(port));
      },
    });
  });

  it("say what broke a build, after its output", async () => {
    const lines: string[] = [];
    const broken = await dockerfile("FROM python:3.12-slim-bookworm", `RUN echo "almost $((40 + 2))" && exit 7`);
    const build = manager.buildImage({
      framework: "reference",
      dockerfilePath: broken,
      onProgress: (line) => lines.push(line),
    });
    await expect(build).rejects.toMatchObject({ code: "build_failed", message: expect.stringContaining("code: 7") });
    expect(lines).toContain("almost 42");
  });

  it("want a Dockerfile inside the folder that they are built from", async () => {
    const outside = manager.buildImage({
      framework: "reference",
      dockerfilePath: referenceDockerfile,
      contextPath: folder,
    });
    await expect(outside).rejects.toMatchObject({ code: "invalid_option" });
    const missing = manager.buildImage({ framework: "reference", dockerfilePath: join(folder, "nowhere") });
    await expect(missing).rejects.toThrow(/expected a Dockerfile within .* found none at .*nowhere/);
  });

  it.skipIf(!hasRegistry())("travel over a registry that wants a login, and say how far they are", async () => {
    const registry = await startRegistry();
    const away = await openTestDocker({
      baseImageRegistry: `${registry.host}/team`,
      registryLogin: registry.login,
    });
    const stranger = await openTestDocker({ baseImageRegistry: `${registry.host}/team` });
    try {
      await writeFile(join(folder, "weights"), randomBytes(5_000_000));
      const dockerfilePath = await dockerfile("FROM scratch", "COPY weights /weights", "COPY Dockerfile /Dockerfile");
      const name = await away.manager.buildImage({ framework: "reference", dockerfilePath });
      await expect(stranger.manager.pushImage({ framework: "reference" })).rejects.toMatchObject({
        code: "registry_failed",
        message: expect.stringContaining("REGISTRY_USERNAME"),
      });
      await away.manager.pushImage({ framework: "reference" });
      await away.manager.removeImage({ framework: "reference" });
      await expect(stranger.manager.pullImage({ framework: "reference" })).rejects.toMatchObject({
        code: "registry_failed",
      });
      const progress: TransferProgress[] = [];
      expect(await away.manager.pullImage({ framework: "reference", onProgress: (step) => progress.push(step) })).toBe(
        name,
      );
      const last = progress.at(-1);
      expect(last).toMatchObject({ layers: 2, layersDone: 2, bytes: last?.totalBytes });
      expect(last?.bytes).toBeGreaterThan(5_000_000);
      expect(await away.manager.listImages()).toHaveLength(1);
      await expect(away.manager.pullImage({ framework: "pi0" })).rejects.toMatchObject({ code: "registry_failed" });
    } finally {
      await away.close();
      await stranger.close();
      await registry.stop();
    }
  });

  it("go, unless a container was made from them", async () => {
    await manager.buildImage({ framework: "pi0", dockerfilePath: await dockerfile("FROM python:3.12-slim-bookworm") });
    const id = await manager.createContainer({ framework: "pi0" });
    await expect(manager.removeImage({ framework: "pi0" })).rejects.toMatchObject({ code: "image_in_use" });
    await manager.removeContainer(id);
    await manager.removeImage({ framework: "pi0" });
    expect(await manager.listImages("pi0")).toEqual([]);
    await expect(manager.removeImage({ framework: "pi0" })).rejects.toMatchObject({ code: "image_missing" });
  });
});

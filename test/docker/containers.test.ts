import { createServer, type Server } from "node:net";
import type { DockerManager } from "@physical-ai/containers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDocker, openTestDocker, type TestDocker } from "../src/docker.ts";

describe.skipIf(!(await hasDocker()))("containers", () => {
  let docker: TestDocker;
  let manager: DockerManager;
  beforeAll(async () => {
    docker = await openTestDocker();
    manager = docker.manager;
    await docker.buildReference();
  });
  afterAll(() => docker.close());

  it("live from made to removed", async () => {
    // Far from the ports of other tests, which may take one between these two lines: it would be another container then.
    const id = await manager.createContainer({ framework: "reference", apiPort: 23_555 });
    expect(await manager.getContainerStatus(id)).toBe("created");
    expect(await manager.startContainer(id)).toBe(id);
    expect(await manager.startContainer(id)).toBe(id);
    expect(await manager.getContainerStatus(id)).toBe("running");
    expect(await manager.restartContainer(id, { timeout: 1 })).toBe(id);
    await expect(manager.removeContainer(id)).rejects.toThrow(/stop it first/);
    await manager.stopContainer(id, { timeout: 1 });
    await manager.stopContainer(id);
    expect(await manager.getContainerStatus(id)).toBe("exited");
    await manager.removeContainer(id);
    expect(await manager.getContainerStatus(id)).toBe("not_exist");
    await expect(manager.startContainer(id)).rejects.toMatchObject({ code: "container_missing" });
  });

  it("say what to do where the image is missing, or the framework is unknown", async () => {
    await expect(manager.createContainer({ framework: "lerobot" })).rejects.toMatchObject({
      code: "image_missing",
      message: expect.stringContaining("npm run docker -- build lerobot"),
    });
    await expect(manager.createContainer({ framework: "lerobo" })).rejects.toMatchObject({
      code: "unknown_framework",
      message: expect.stringContaining("lerobot, groot_n15, pi0, isaac_sim, isaac_lab"),
    });
  });

  it("get names of their own, and keep those that people gave", async () => {
    const ids = await Promise.all([1, 2].map(() => manager.createContainer({ framework: "reference" })));
    const containers = await Promise.all(ids.map((id) => manager.getContainer(id)));
    const { owner } = docker.options;
    expect(containers.map(({ name }) => name)).toEqual([`${owner}_reference`, `${owner}_reference_2`]);
    expect(new Set(containers.map(({ port }) => port)).size).toBe(2);

    const config = { name: `${owner}_mine` };
    ids.push(await manager.createContainer({ framework: "reference", config }));
    await expect(manager.createContainer({ framework: "reference", config })).rejects.toMatchObject({
      code: "name_in_use",
      message: expect.stringContaining(`${owner}_mine is in use`),
    });
    for (const id of ids) await manager.removeContainer(id);
  });

  it("of several managers run at once, each at a port of its own", async () => {
    const managers = [manager, docker.another(), docker.another()];
    // Not one after the other: they choose the same port, and all but one are moved when they start.
    const ids = await Promise.all(managers.map((one) => one.createContainer({ framework: "reference" })));
    const started = await Promise.all(managers.map((one, index) => one.startContainer(ids[index] ?? "")));
    const containers = await manager.listContainers();
    expect(containers.map(({ id }) => id).sort()).toEqual([...started].sort());
    expect(new Set(containers.map(({ endpoint }) => endpoint)).size).toBe(3);
    for (const id of started) await manager.removeContainer(id, { force: true });
  });

  it("move to the next free port where somebody took theirs meanwhile", async () => {
    const id = await manager.createContainer({ framework: "reference", apiPort: 25_560 });
    const { name, port } = await manager.getContainer(id);
    const squatter = await listenAt(port);
    try {
      const started = await manager.startContainer(id);
      const moved = await manager.getContainer(started);
      expect(moved).toMatchObject({ name, status: "running", endpoint: `tcp://127.0.0.1:${moved.port}` });
      expect(moved.port).toBeGreaterThan(port);
      expect(await manager.listContainers(true)).toHaveLength(1);

      const beside = await manager.createContainer({ framework: "reference", apiPort: port });
      expect((await manager.getContainer(beside)).port).toBeGreaterThan(moved.port);
      await manager.removeContainer(beside);
      await manager.removeContainer(started, { force: true });
    } finally {
      squatter.close();
    }
  });

  it("are found again by a process that knows nothing of them, and left alone by other owners", async () => {
    const id = await docker.startReference();
    const [found, ...others] = await docker.another().listContainers();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id, framework: "reference", status: "running" });
    expect(await docker.another().getContainerStatus(found?.name ?? "")).toBe("running");

    const stranger = await openTestDocker();
    try {
      expect(await stranger.manager.listContainers(true)).toEqual([]);
      await expect(stranger.manager.removeContainer(id, { force: true })).rejects.toMatchObject({ code: "not_ours" });
    } finally {
      await stranger.close();
    }
    await manager.removeContainer(id, { force: true });
  });

  it("of other people are refused, also those that run our image", async () => {
    const { engine, options } = docker;
    const image = `${options.baseImageRegistry}/reference:latest`;
    const foreign = await engine.createContainer({ name: `${options.owner}_foreign`, Image: image });
    await foreign.start();
    const touches = [
      () => manager.stopContainer(foreign.id),
      () => manager.removeContainer(foreign.id, { force: true }),
      () => manager.execCommand(foreign.id, { command: ["true"] }),
      () => manager.setMemoryLimits(foreign.id, { memoryLimit: "64m" }),
      () => manager.connectContainers([foreign.id]),
      () => manager.allocateGpu(foreign.id, "all"),
    ];
    for (const touch of touches) await expect(touch()).rejects.toMatchObject({ code: "not_ours" });
    expect((await foreign.inspect()).State.Running).toBe(true);
    expect(await manager.listContainers(true)).toEqual([]);
    await foreign.remove({ force: true });
  });

  it("may next to nothing, and are reached from this machine only", async () => {
    const id = await docker.startReference({
      memoryLimit: "256m",
      config: {
        environment: { TASK: "pick & place" },
        volumes: [{ source: "/etc", target: "/machine", readOnly: true }],
        devices: ["/dev/null"],
      },
    });
    const { HostConfig, Config } = await docker.engine.getContainer(id).inspect();
    expect(HostConfig).toMatchObject({
      Privileged: false,
      CapDrop: ["ALL"],
      CapAdd: null,
      SecurityOpt: ["no-new-privileges"],
      Init: true,
      RestartPolicy: { Name: "no" },
      PidsLimit: expect.any(Number),
      Memory: 256 * 1_024 ** 2,
      PortBindings: { "5555/tcp": [{ HostIp: "127.0.0.1", HostPort: expect.any(String) }] },
      Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/null", CgroupPermissions: "rw" }],
    });
    const { sharedVolumePath, huggingFacePath } = docker.options;
    expect(HostConfig.Binds).toEqual([
      `${sharedVolumePath}/shared_data:/workspace/shared_data`,
      `${sharedVolumePath}/reference:/workspace/reference_data`,
      `${huggingFacePath}:/root/.cache/huggingface`,
      "/etc:/machine:ro",
    ]);
    expect(Config.Env).toContain("TASK=pick & place");
    expect(Config.User).toBe(`${process.getuid?.()}:${process.getgid?.()}`);
    const { stdout } = await manager.execCommand(id, { command: ["grep", "CapEff", "/proc/self/status"] });
    expect(stdout.trim()).toMatch(/^CapEff:\s+0{16}$/);
    await manager.removeContainer(id, { force: true });
  });
});

function listenAt(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

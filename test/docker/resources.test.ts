import type { DockerManager } from "@physical-ai/containers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDocker, openTestDocker, type TestDocker } from "../src/docker.ts";

describe.skipIf(!(await hasDocker()))("resources of a container", () => {
  let docker: TestDocker;
  let manager: DockerManager;
  beforeAll(async () => {
    docker = await openTestDocker();
    manager = docker.manager;
    await docker.buildReference();
  });
  afterAll(() => docker.close());

  const allocate = (megabytes: number) => ["python", "-c", `print(len(bytearray(${megabytes} * 1024 * 1024)))`];

  it("are measured", async () => {
    const id = await docker.startReference({ memoryLimit: "512m" });
    const busy = await manager.execCommand(id, { command: ["sh", "-c", "while :; do :; done"], stream: true });
    const usage = await manager.monitorResources(id);
    await busy.kill();
    expect(usage).toEqual({
      cpuPercent: expect.any(Number),
      memoryBytes: expect.any(Number),
      memoryLimitBytes: 512 * 1_024 ** 2,
      memoryPercent: expect.any(Number),
      networkReceivedBytes: expect.any(Number),
      networkSentBytes: expect.any(Number),
      blockReadBytes: expect.any(Number),
      blockWrittenBytes: expect.any(Number),
    });
    expect(usage.cpuPercent).toBeGreaterThan(5);
    expect(usage.memoryBytes).toBeGreaterThan(100_000);
    expect(usage.networkReceivedBytes).toBeGreaterThan(0);
    await manager.removeContainer(id, { force: true });
  });

  it("are limited while it runs: who takes more memory is killed, the container stays", async () => {
    const id = await docker.startReference({ memoryLimit: "512m" });
    expect(await manager.execCommand(id, { command: allocate(200) })).toMatchObject({ exitCode: 0 });
    await manager.setMemoryLimits(id, { memoryLimit: "64m" });
    expect(await manager.execCommand(id, { command: allocate(200) })).toMatchObject({ exitCode: 137 });
    expect(await manager.getContainerStatus(id)).toBe("running");
    await manager.setMemoryLimits(id, { memoryLimit: "512m", memorySwap: "1g" });
    expect(await manager.execCommand(id, { command: allocate(200) })).toMatchObject({ exitCode: 0 });

    await expect(manager.setMemoryLimits(id, { memoryLimit: "1k" })).rejects.toThrow(/Minimum memory limit/);
    await expect(manager.setMemoryLimits(id, { memoryLimit: "much" })).rejects.toMatchObject({
      code: "invalid_option",
    });
    await manager.removeContainer(id, { force: true });
  });

  it("change with the container made anew, all else as it was", async () => {
    const { engine, options } = docker;
    const network = await engine.createNetwork({ Name: `${options.networkName}_second` });
    const id = await manager.createContainer({
      framework: "reference",
      memoryLimit: "128m",
      gpuIds: ["0"],
      config: { environment: { TASK: "stay" }, volumes: [{ source: `${options.owner}_data`, target: "/data" }] },
    });
    await manager.connectContainers([id], network.id);
    const before = await engine.getContainer(id).inspect();
    const anew = await manager.allocateGpu(id, ["GPU-8a56a4bc-e184-a047-2620-be19fdf913d5", "1"]);
    const after = await engine.getContainer(anew).inspect();

    expect(anew).not.toBe(id);
    expect(after.HostConfig.DeviceRequests).toMatchObject([
      { DeviceIDs: ["GPU-8a56a4bc-e184-a047-2620-be19fdf913d5", "1"], Capabilities: [["gpu"]] },
    ]);
    expect(after.Name).toBe(before.Name);
    const settings = ({ Config, HostConfig, Image }: typeof before) => ({
      Image,
      HostConfig: { ...HostConfig, DeviceRequests: undefined },
      Config: { ...Config, Hostname: undefined, Image: undefined },
    });
    expect(settings(after)).toEqual(settings(before));
    expect(Object.keys(after.NetworkSettings.Networks)).toEqual(Object.keys(before.NetworkSettings.Networks));
    expect(await manager.getContainerStatus(id)).toBe("not_exist");
    await manager.removeContainer(anew);
    await engine.getVolume(`${options.owner}_data`).remove();
  });

  it("that the machine does not have are refused, and the old container is back and runs", async ({ skip }) => {
    skip(await hasGpus(), "this machine has GPUs");
    const id = await docker.startReference();
    await manager.execCommand(id, { command: ["sh", "-c", "echo kept >/workspace/reference_data/note"] });
    await expect(manager.allocateGpu(id, "all")).rejects.toMatchObject({
      code: "gpu_unavailable",
      message: expect.stringContaining("NVIDIA Container Toolkit"),
    });
    const [only, ...others] = await manager.listContainers(true);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ id, status: "running", name: `${docker.options.owner}_reference` });
    const note = await manager.execCommand(id, { command: ["cat", "/workspace/reference_data/note"] });
    expect(note.stdout).toBe("kept\n");

    const wanting = await manager.createContainer({ framework: "reference", gpuIds: "all" });
    await expect(manager.startContainer(wanting)).rejects.toMatchObject({ code: "gpu_unavailable" });
  });

  async function hasGpus(): Promise<boolean> {
    const { Runtimes } = await docker.engine.info();
    return Object.keys(Runtimes ?? {}).includes("nvidia");
  }
});

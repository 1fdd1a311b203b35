import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDockerManager, type DockerManager } from "@physical-ai/containers";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDocker, openTestDocker, type TestDocker } from "../src/docker.ts";

describe.skipIf(!(await hasDocker()))("communication between containers", () => {
  let docker: TestDocker;
  let manager: DockerManager;
  let source: string;
  let target: string;
  beforeAll(async () => {
    docker = await openTestDocker();
    manager = docker.manager;
    await docker.buildReference();
    [source, target] = await Promise.all([docker.startReference(), docker.startReference()]);
  });
  afterAll(() => docker.close());

  function heardBy(container: string, endpoint: string) {
    const [, host, port] = /^tcp:\/\/(.*):(\d+)$/.exec(endpoint) ?? [];
    const ask = `import socket; print(socket.create_connection(("${host}", ${port})).recv(100).decode())`;
    return manager.execCommand(container, { command: ["python", "-c", ask] });
  }

  it("goes over an address at which the other really answers", async () => {
    await manager.startFrameworkProcess(target, "reference", { mode: "inference", modelPath: "good" });
    const { endpoint } = await manager.setupCommunication(source, target, "zmq");
    expect(endpoint).toBe(`tcp://${await manager.getContainerIp(target)}:5555`);
    expect(await heardBy(source, endpoint)).toEqual({ stdout: "hello\n", stderr: "", exitCode: 0 });
  });

  it("needs no port of the machine where whoever asks is in a container, too", async () => {
    const inside = createDockerManager(
      { logger: pino({ level: "silent" }), docker: docker.engine },
      { ...docker.options, reach: "network" },
    );
    const { endpoint } = await inside.getContainer(target);
    expect(await heardBy(source, endpoint)).toMatchObject({ stdout: "hello\n" });
  });

  it("goes over a folder that both see, and this machine too", async () => {
    const { endpoint: folder } = await manager.setupCommunication(source, target, "shared_volume");
    await manager.execCommand(source, {
      command: ["sh", "-c", 'echo "from the source" >"$1"', "sh", `${folder}/note`],
    });
    const read = await manager.execCommand(target, { command: ["cat", `${folder}/note`] });
    expect(read.stdout).toBe("from the source\n");
    const here = join(docker.options.sharedVolumePath ?? "", "shared_data", "note");
    expect(await readFile(here, "utf8")).toBe("from the source\n");
  });

  it("needs one network, however many managers want it at once", async () => {
    const crowd = await openTestDocker();
    try {
      await Promise.all(Array.from({ length: 8 }, () => crowd.another().ensureNetwork()));
      const networks = () => crowd.engine.listNetworks({ filters: { name: [crowd.options.networkName] } });
      expect(await networks()).toHaveLength(1);
      await crowd.manager.removeNetwork();
      expect(await networks()).toEqual([]);
    } finally {
      await crowd.close();
    }
  });

  it("may use a network of somebody else, which is never removed", async () => {
    const Name = `${docker.options.networkName}_foreign`;
    const network = await docker.engine.createNetwork({ Name });
    await manager.connectContainers([source, target], Name);
    await manager.connectContainers([source, target], Name);
    const { Containers } = await network.inspect();
    expect(Object.keys(Containers ?? {}).sort()).toEqual([source, target].sort());
    await expect(manager.connectContainers([source], "no_such_network")).rejects.toThrow(/expected a network/);

    const guest = await openTestDocker({ networkName: Name });
    await guest.manager.ensureNetwork();
    await guest.manager.removeNetwork();
    expect((await network.inspect()).Name).toBe(Name);
    // Nor is ours, while containers are on it.
    await manager.removeNetwork();
    expect(await manager.getContainerIp(source)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it("comes back where somebody removed the network while nobody was on it", async () => {
    for (const id of [source, target]) await manager.stopContainer(id, { timeout: 0 });
    await manager.removeNetwork();
    const ids = await Promise.all([source, target].map((id) => manager.startContainer(id)));
    expect(ids).not.toContain(target);
    expect(await manager.getContainerIp(ids[1] ?? "")).toMatch(/^[\d.]+$/);
  });
});

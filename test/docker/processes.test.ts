import type { DockerManager } from "@physical-ai/containers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectOnce, hasDocker, openTestDocker, type TestDocker } from "../src/docker.ts";
import { eventually } from "../src/eventually.ts";

describe.skipIf(!(await hasDocker()))("processes in a container", () => {
  let docker: TestDocker;
  let manager: DockerManager;
  let id: string;
  beforeAll(async () => {
    docker = await openTestDocker();
    manager = docker.manager;
    await docker.buildReference();
    id = await docker.startReference();
  }, 300_000);
  afterAll(() => docker.close());

  const python = (...lines: string[]) => ["python", "-u", "-c", lines.join("\n")];
  const isAlive = async (pid: string) =>
    (await manager.execCommand(id, { command: ["test", "-d", `/proc/${pid}`] })).exitCode === 0;

  it("tell stdout from stderr, and end with a code", async () => {
    const command = python(
      "import os, sys",
      "print(os.getcwd(), os.environ['TASK'], os.getuid())",
      "print('trouble', file=sys.stderr)",
      "sys.exit(7)",
    );
    const request = { command, workdir: "/tmp", environment: { TASK: "a b" }, user: "nobody" };
    const expected = { stdout: "/tmp a b 65534\n", stderr: "trouble\n", exitCode: 7 };
    expect(await manager.execCommand(id, request)).toEqual(expected);
  });

  it("may cut their output inside a character", async () => {
    const cut = "import os, time\nfor byte in 'grün 🤖\\n'.encode(): os.write(1, bytes([byte])); time.sleep(0.002)";
    expect((await manager.execCommand(id, { command: python(cut) })).stdout).toBe("grün 🤖\n");
    const lines: unknown[] = [];
    for await (const line of await manager.execCommand(id, { command: python(cut), stream: true })) lines.push(line);
    expect(lines).toEqual([{ stream: "stdout", line: "grün 🤖" }]);
  });

  it("may say much", async () => {
    const command = python("import sys", "sys.stdout.write('ä' * 5_000_000)", "sys.stderr.write('ö' * 1_000_000)");
    const { stdout, stderr } = await manager.execCommand(id, { command });
    expect(stdout === "ä".repeat(5_000_000)).toBe(true);
    expect(stderr === "ö".repeat(1_000_000)).toBe(true);
  });

  it("that cannot be run say why", async () => {
    const missing = await manager.execCommand(id, { command: ["no-such-program"] });
    expect(missing).toMatchObject({ exitCode: 126, stdout: expect.stringContaining("no-such-program") });
    const streamed = await manager.execCommand(id, { command: ["no-such-program"], stream: true });
    const lines: string[] = [];
    for await (const { line } of streamed) lines.push(line);
    expect(lines.join()).toContain("no-such-program");
    expect(await streamed.exitCode()).toBe(127);
  });

  it("may complain before they say anything", async () => {
    const command = ["sh", "-c", "echo err >&2; echo out"];
    for (let round = 0; round < 10; round++) {
      const lines: unknown[] = [];
      for await (const line of await manager.execCommand(id, { command, stream: true })) lines.push(line);
      expect(lines).toHaveLength(2);
      expect(lines).toContainEqual({ stream: "stderr", line: "err" });
      expect(lines).toContainEqual({ stream: "stdout", line: "out" });
    }
  });

  it("are heard line by line while they run, and end when nobody listens", async () => {
    const command = python("import os, time", "print(os.getpid())", "time.sleep(600)");
    const stream = await manager.execCommand(id, { command, stream: true });
    let pid = "";
    for await (const { line } of stream) {
      pid = line;
      expect(await isAlive(pid)).toBe(true);
      break;
    }
    await eventually(async () => expect(await isAlive(pid)).toBe(false));

    const killed = await manager.execCommand(id, { command, stream: true });
    for await (const _ of killed) await killed.kill();
    expect(await killed.exitCode()).toBe(143);
  });

  it("of a framework are started for real, measured, found again and stopped", async () => {
    const start = { mode: "inference", modelPath: "good" } as const;
    const started = await manager.startFrameworkProcess(id, "reference", start);
    expect(started).toEqual({ pid: expect.any(Number), logFile: "/tmp/physical_ai/reference-5555.log" });
    const { port } = await manager.getContainer(id);
    expect(await connectOnce(port)).toBe("hello");
    const log = await manager.execCommand(id, { command: ["cat", started.logFile] });
    expect(log.stdout).toBe("loading good for inference …\nready\n");

    expect(await docker.another().findFrameworkProcess(id, "reference")).toEqual(started);
    const idle = {
      status: "sleeping",
      cpuPercent: expect.any(Number),
      memoryBytes: expect.any(Number),
      elapsedSeconds: expect.any(Number),
    };
    await eventually(async () => expect(await manager.monitorProcess(id, started.pid)).toEqual(idle));
    await expect(manager.startFrameworkProcess(id, "reference", start)).rejects.toMatchObject({ code: "port_taken" });

    await manager.stopProcess(id, started.pid);
    expect(await manager.monitorProcess(id, started.pid)).toEqual({ status: "exited" });
    expect(await manager.findFrameworkProcess(id, "reference")).toBeUndefined();
    await manager.stopProcess(id, started.pid);
  });

  it("that do not get ready are an error with their last words", async () => {
    const broken = manager.startFrameworkProcess(id, "reference", { mode: "inference", modelPath: "broken" });
    await expect(broken).rejects.toMatchObject({
      code: "process_failed",
      message: expect.stringMatching(
        /exited 3.*end of its log:\nloading broken for inference …\nthe model is damaged$/s,
      ),
    });
    await notReady({ mode: "training", modelPath: "silent" }, /loading silent for training/);
    await notReady({ mode: "inference", modelPath: "lazy" }, /ready$/);
    expect(await manager.findFrameworkProcess(id, "reference")).toBeUndefined();
  });

  /** Is patient for a second, for two, for four …, until the process has had the time to say its last words. */
  async function notReady(start: { mode: "inference" | "training"; modelPath: string }, lastWords: RegExp) {
    let timeout = 1;
    const attempt = async () => {
      const outcome = manager.startFrameworkProcess(id, "reference", { ...start, timeout });
      await expect(outcome).rejects.toThrow(`was not ready at port 5555 within ${timeout} s`);
      timeout *= 2;
      await expect(outcome).rejects.toThrow(lastWords);
    };
    await eventually(attempt);
  }

  it("are measured: what a busy one takes, and that a stubborn one ends by force", async () => {
    const command = python(
      "import os, signal",
      "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
      "ballast = bytearray(100_000_000)",
      "print(os.getpid())",
      "while True: pass",
    );
    const stream = await manager.execCommand(id, { command, stream: true });
    for await (const { line } of stream) {
      const pid = Number(line);
      // On a machine that is busy with others it may get nothing for a while.
      await eventually(async () => {
        const usage = await manager.monitorProcess(id, pid);
        if (usage.status !== "running") throw new Error(`expected a process that runs; it is ${usage.status}`);
        expect(usage.cpuPercent).toBeGreaterThan(5);
        expect(usage.memoryBytes).toBeGreaterThan(100_000_000);
      });
      await manager.stopProcess(id, pid, { timeout: 0.5 });
    }
    expect(await stream.exitCode()).toBe(137);
  });

  it("end with their container", async () => {
    const short = await docker.startReference();
    const stream = await manager.execCommand(short, {
      command: python("import time", "time.sleep(600)"),
      stream: true,
    });
    await manager.stopContainer(short, { timeout: 1 });
    for await (const line of stream) expect(line).toBeUndefined();
    expect(await stream.exitCode()).toBe(137);
    await manager.removeContainer(short);
  });

  it("need a container that runs", async () => {
    const stopped = await manager.createContainer({ framework: "reference" });
    await expect(manager.execCommand(stopped, { command: ["true"] })).rejects.toMatchObject({ code: "not_running" });
    await expect(manager.getContainerIp(stopped)).rejects.toMatchObject({ code: "not_running" });
    await expect(manager.monitorResources(stopped)).rejects.toMatchObject({ code: "not_running" });
    expect(await manager.monitorProcess(stopped, 1)).toEqual({ status: "exited" });
    expect(await manager.findFrameworkProcess(stopped, "reference")).toBeUndefined();
  });
});

/** A real Redis that can be killed and come back. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./test-stack.ts";

/** A running Redis without a file. Whoever starts it stops it. */
export interface TestRedis {
  url: string;
  /** As a crash does. */
  kill(): Promise<void>;
  /** At the same address as before. */
  restart(): Promise<void>;
  /** It goes on existing, and says nothing. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const program = "redis-server";

/** Whether the server's program is there. */
export function hasRedis(): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: no redis-server on the PATH (apt-get install redis-server)");
    return false;
  }
}

/** Starts it on a port of its own. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  let server = await start();

  async function start(): Promise<ChildProcess> {
    const started = spawn(
      program,
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      {
        stdio: "ignore",
      },
    );
    while (!(await answers(port))) await sleep(20);
    return started;
  }

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      server = await start();
    },
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    stop: kill,
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ port, host: "127.0.0.1" }, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

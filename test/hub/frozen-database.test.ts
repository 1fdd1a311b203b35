/** A hub that is stopped while PostgreSQL stands still: it neither takes nor refuses what it is given. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedServer, embeddedSettings, startEmbeddedServer } from "@physical-ai/db";
import { signToken } from "@physical-ai/hub/access";
import { programOf } from "@physical-ai/launcher";
import { afterEach, beforeEach, expect, it } from "vitest";
import { childrenOf, signal } from "../src/chaos/signals.ts";
import { eventually } from "../src/eventually.ts";
import { connectClient, newRobot, packetsOf, type TestClient } from "../src/in-process-hub.ts";
import { freePort } from "../src/test-stack.ts";

/** Far more than the hub takes, and less than a transaction waits for an answer. */
const forceMs = 27_000;
const secret = randomBytes(32).toString("base64url");
let folder: string;
let postgres: EmbeddedServer;
let hub: ChildProcess;
let relay: TestClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-frozen-"));
  postgres = await startEmbeddedServer(await embeddedSettings(folder), () => undefined);
  const port = await freePort();
  hub = spawn(process.execPath, [programOf("hub"), "--port", String(port)], {
    env: { ...process.env, DATABASE_URL: postgres.databaseUrl, DATA_DIR: folder, HUB_SECRET: secret },
    stdio: "ignore",
  });
  const token = await signToken({ role: "relay", id: "relay-1" }, secret);
  relay = await eventually(() => connectClient(`http://127.0.0.1:${port}`, token));
  expect(await relay.ask("register", { role: "relay", id: "relay-1", protocol: 1 })).toMatchObject({ ok: true });
});

afterEach(async () => {
  relay?.close();
  hub.kill("SIGKILL");
  await signalPostgres("SIGCONT");
  await postgres.stop();
  await rm(folder, { recursive: true });
});

async function signalPostgres(name: NodeJS.Signals): Promise<void> {
  // The server first: it must not begin another process for a new connection.
  signal([postgres.pid], name);
  const children = await childrenOf(postgres.pid);
  signal(
    children.map(({ pid }) => pid),
    name,
  );
}

/** Asks the hub to stop; resolves with how it ended. */
async function stop(): Promise<unknown[]> {
  const ended = once(hub, "exit");
  hub.kill("SIGTERM");
  const force = setTimeout(() => hub.kill("SIGKILL"), forceMs);
  return ended.finally(() => clearTimeout(force));
}

it("ends all the same, and says by its exit code that not everything is written", async () => {
  const robot = newRobot();
  expect(await relay.ask("relay_to_hub", packetsOf(robot, 1, 1))).toEqual({ ok: true });
  await signalPostgres("SIGSTOP");
  relay.socket.emit("relay_to_hub", packetsOf(robot, 2, 1));
  await relay.socket.emitWithAck("clock");
  expect(await stop()).toEqual([1, null]);
});

it("ends well when everything is written", async () => {
  expect(await relay.ask("relay_to_hub", packetsOf(newRobot(), 1, 1))).toEqual({ ok: true });
  await signalPostgres("SIGSTOP");
  expect(await stop()).toEqual([0, null]);
});

/** `docker compose up`, from a clean clone to nothing left, on the real engine. */
import type { Packet } from "@physical-ai/unity-protocol";
import type { HubSocket } from "@physical-ai/unity-protocol/client";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ComposeStack, hasCompose, openComposeStack } from "../src/compose-stack.ts";
import { eventually } from "../src/eventually.ts";

const services = ["postgres", "hub", "brain-worker", "relay"];
const buildPatienceMs = 600_000;
const patienceMs = 60_000;

describe.skipIf(!hasCompose())("docker compose up", () => {
  let stack: ComposeStack;
  beforeAll(async () => {
    stack = await openComposeStack();
    await stack.compose("build");
    await stack.compose("up", "-d");
  }, buildPatienceMs);
  afterAll(() => stack?.close(), patienceMs);

  const count = async (table: string) => Number(await stack.sql(`select count(*) from ${table}`));
  async function grows(table: string): Promise<void> {
    const before = await eventually(() => count(table), patienceMs);
    await eventually(async () => expect(await count(table)).toBeGreaterThan(before + 20), patienceMs);
  }
  const healthy = (names: readonly string[]) =>
    eventually(async () => {
      for (const name of names)
        expect([name, await stack.inspect(name, "{{.State.Health.Status}}")]).toEqual([name, "healthy"]);
    }, patienceMs);

  /** A viewer as any other: what it hears first of telemetry and of predictions. */
  async function watch(url: string): Promise<void> {
    const { searchParams } = await stack.link();
    const socket: HubSocket = io(url, { auth: { token: searchParams.get("token") }, forceNew: true });
    const heard: Packet[] = [];
    socket.on("update_data", (packet) => heard.push(packet));
    socket.on("connect", () => socket.emit("register", { role: "viewer", id: "viewer", protocol: 1 }));
    await eventually(() => {
      const types = heard.filter(({ robot_id }) => robot_id === "EP01").map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(["ultrasound", "battery", "ai_prediction"]));
    }, patienceMs);
    socket.disconnect();
  }

  /** Stops the relay; what it says it sent and what the hub committed are the rows that there are, each once. */
  async function checkExactlyOnce(): Promise<void> {
    await stack.compose("stop", "relay");
    const life = (await stack.docker("logs", await stack.container("relay"))).split("\n").flatMap((line) => {
      return line.startsWith("{") ? [JSON.parse(line)] : [];
    });
    const { acknowledged, backlog } = life.at(-1);
    const { committed_seq: before } = life.find((line) => "committed_seq" in line);
    const rows = await stack.sql(
      `select count(*), count(distinct seq), min(seq), max(seq), committed_seq
       from robot_telemetry join relay_streams using (stream_id) group by stream_id, committed_seq`,
    );
    const all = before + acknowledged;
    expect([rows, backlog]).toEqual([`${all}|${all}|1|${all}|${all}`, 0]);
  }

  it(
    "is healthy within a minute",
    async () => {
      await healthy(services);
      expect(await stack.inspect("setup", "{{.State.ExitCode}}")).toBe("0");
    },
    patienceMs,
  );

  it("lets in whoever has the printed link, and nobody from another machine", async () => {
    await watch((await stack.link()).origin);
    const published = await Promise.all(
      services.map((name) => stack.inspect(name, "{{json .HostConfig.PortBindings}}")),
    );
    expect(published.filter((ports) => ports !== "{}")).toEqual([expect.stringContaining('"HostIp":"127.0.0.1"')]);
  });

  it("gives no container more than it needs", async () => {
    for (const name of services) {
      const { ReadonlyRootfs, CapDrop, CapAdd, Privileged } = JSON.parse(
        await stack.inspect(name, "{{json .HostConfig}}"),
      );
      expect({ name, ReadonlyRootfs, CapDrop, Privileged }).toEqual({
        name,
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        Privileged: false,
      });
      if (name === "postgres") continue;
      expect([CapAdd, await stack.inspect(name, "{{.Config.User}}")]).toEqual([null, "1000:1000"]);
    }
    const files = await stack.compose("exec", "-T", "relay", "ls", "/access");
    expect(files).toBe("token");
  });

  it("shows its rows to psql beside the database", () => grows("robot_telemetry"));

  it.each(services)("goes on after %s was killed and brought up again", async (name) => {
    await stack.docker("kill", await stack.container(name));
    await stack.compose("up", "-d");
    await grows("robot_telemetry");
    await grows("ai_predictions");
  });

  it.each(services)("goes on by itself after %s has crashed", async (name) => {
    const user = name === "postgres" ? ["--user", "postgres"] : [];
    await stack.docker("exec", ...user, await stack.container(name), "sh", "-c", "kill -9 -1");
    await eventually(async () => expect(await stack.inspect(name, "{{.RestartCount}}")).not.toBe("0"), patienceMs);
    await grows("robot_telemetry");
    await grows("ai_predictions");
  });

  it("has lost no row and doubled none", checkExactlyOnce);

  it("stops in order, and has everything when it is up again", async () => {
    await stack.compose("up", "-d");
    await grows("robot_telemetry");
    await stack.compose("stop");
    for (const name of services) expect([name, await stack.inspect(name, "{{.State.ExitCode}}")]).toEqual([name, "0"]);
    await stack.compose("down");
    await stack.compose("up", "-d");
    await grows("robot_telemetry");
    await checkExactlyOnce();
  });

  it("leaves nothing behind when its volumes go, too", async () => {
    await stack.compose("down", "--volumes");
    const label = `label=com.docker.compose.project=${stack.project}`;
    for (const kind of [
      ["ps", "--all"],
      ["volume", "ls"],
      ["network", "ls"],
    ]) {
      expect(await stack.docker(...kind, "--quiet", "--filter", label)).toBe("");
    }
  });
});

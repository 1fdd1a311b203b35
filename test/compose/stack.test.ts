/** `docker compose up`, from a clean clone to nothing left, on the real engine. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packet } from "@physical-ai/unity-protocol";
import type { HubSocket } from "@physical-ai/unity-protocol/client";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allProfiles, type ComposeStack, hasCompose, openComposeStack } from "../src/compose-stack.ts";
import { eventually } from "../src/eventually.ts";

const services = ["postgres", "hub", "brain-worker", "relay"];
const scores = `name: scores
description: Four made-up scores of 24 ranges, by a server in a container.
listens_to: { types: [ultrasound], delivery: latest, field: ranges, channels: 24 }
preprocess: []
model: { runtime: container, framework: reference, options: { features: "24", labels: "4" } }
output: { kind: classification, labels: [a, b, c, d] }
deadline_ms: 2000
`;
const buildPatienceMs = 600_000;
const patienceMs = 60_000;

/** The commands of a section. */
async function shellBlocks(page: string, heading: string): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, "../..", page), "utf8");
  const section = text.slice(text.indexOf(heading)).split("\n## ")[0] ?? "";
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = ""]) => commands);
}

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
  const goesOn = async () => {
    await grows("robot_telemetry");
    await grows("ai_predictions");
  };
  /** What the relay of this container first heard from the hub, and its last words. */
  async function relayLog() {
    const log = await stack.docker("logs", await stack.container("relay"));
    const lines = log.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    return { first: lines.find((line) => "committed_seq" in line), last: lines.at(-1) };
  }
  const healthy = (names: readonly string[]) =>
    eventually(async () => {
      for (const name of names)
        expect([name, await stack.inspect(name, "{{.State.Health.Status}}")]).toEqual([name, "healthy"]);
    }, patienceMs);

  /** A viewer as any other, which begins with long polling: it gets what the robot measures and what is predicted. */
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
    const ports = await Promise.all(services.map((name) => stack.inspect(name, "{{json .HostConfig.PortBindings}}")));
    expect(ports.filter((published) => published !== "{}")).toEqual([expect.stringContaining('"HostIp":"127.0.0.1"')]);
  });

  it("gives no container more than it needs", async () => {
    const allowed =
      "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Privileged}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}";
    for (const name of services) {
      expect([name, await stack.inspect(name, allowed)]).toEqual([name, "true false [ALL] [no-new-privileges]"]);
      const user = await stack.inspect(name, "{{.Config.User}} {{.HostConfig.CapAdd}}");
      if (name !== "postgres") expect([name, user]).toEqual([name, "1000:1000 []"]);
    }
    expect(await stack.compose("exec", "-T", "relay", "ls", "/access")).toBe("token");
  });

  it("shows its rows to psql beside the database", () => grows("robot_telemetry"));

  it("exports them, also compressed: what the packages bring for this platform is in the image", async () => {
    const { origin, searchParams } = await stack.link();
    const headers = { authorization: `Bearer ${searchParams.get("token")}` };
    const answer = await fetch(`${origin}/api/export?robot=EP01&type=battery&format=parquet`, { headers });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([answer.status, bytes.toString("latin1", bytes.length - 4)]).toEqual([200, "PAR1"]);
  });

  it.each(services)("goes on after %s was killed and brought up again", async (name) => {
    await stack.docker("kill", await stack.container(name));
    await stack.compose("up", "-d");
    await goesOn();
  });

  it("goes on by itself after each of them has crashed", async () => {
    for (const name of services) {
      const user = name === "postgres" ? ["--user", "postgres"] : [];
      await stack.docker("exec", ...user, await stack.container(name), "sh", "-c", "kill -9 -1");
    }
    for (const name of services) {
      await eventually(async () =>
        expect([name, await stack.inspect(name, "{{.RestartCount}}")]).not.toEqual([name, "0"]),
      );
    }
    await goesOn();
  });

  it("becomes a cluster while it runs: the second hub shows the robot of the first", async () => {
    await stack.compose("--profile", "cluster", "up", "-d");
    await healthy(["redis", "hub-2", "balancer"]);
    expect(await stack.docker("exec", await stack.container("redis"), "redis-cli", "ping")).toContain("NOAUTH");
    const [address] = (await stack.inspect("hub-2", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}")).split(
      " ",
    );
    await watch(`http://${address}:3000`);
  });

  it("goes on without the first hub, whose clients move to the second", async () => {
    await stack.docker("kill", await stack.container("hub"));
    await goesOn();
    await watch(`http://${await stack.docker("port", await stack.container("balancer"), "3000/tcp")}`);
  });

  it(
    "lets a worker that may use the engine run policies in containers of their own",
    async () => {
      await mkdir(join(stack.folder, "policies"));
      await writeFile(join(stack.folder, "policies", "scores.yaml"), scores);
      await stack.compose(...allProfiles, "up", "-d");
      const written = "select count(*) from ai_predictions where policy = 'scores'";
      await eventually(async () => expect(Number(await stack.sql(written))).toBeGreaterThan(20), 2 * patienceMs);
    },
    3 * patienceMs,
  );

  it("stops in order, and nobody has to be killed", async () => {
    await goesOn();
    const all = [...services, "redis", "hub-2", "brain-worker-2", "policy-worker"];
    await stack.compose(...allProfiles, "stop");
    for (const name of all) expect([name, await stack.inspect(name, "{{.State.ExitCode}}")]).toEqual([name, "0"]);
  });

  it("has lost no row and doubled none, in the eyes of its relay", async () => {
    await stack.compose(...allProfiles, "down");
    await stack.compose("up", "-d");
    await goesOn();
    await stack.compose("stop", "relay");
    const { first, last } = await relayLog();
    const committed = first.committed_seq + last.acknowledged;
    const rows = await stack.sql(
      `select count(*), count(distinct seq), min(seq), max(seq), committed_seq
       from robot_telemetry join relay_streams using (stream_id) group by stream_id, committed_seq`,
    );
    expect([rows, last.backlog]).toEqual([`${committed}|${committed}|1|${committed}|${committed}`, 0]);
  });

  it(
    "comes back from its backup on an empty machine, by the commands of the documents",
    async () => {
      const [backup = "", restore = ""] = await shellBlocks("docs/operations.md", "## Backup and restore");
      const stream = await stack.sql("select stream_id from relay_streams");
      const rows = () =>
        stack.sql(`select count(*), md5(string_agg(payload::text, '' order by seq)) from robot_telemetry
                   where stream_id = '${stream}'`);
      const blobs = async () =>
        stack.docker("exec", await stack.container("hub"), "sh", "-c", "cd /data && find -type f | sort");
      const before = [await rows(), await blobs()];
      await stack.script(backup);
      await stack.compose("down", "--volumes");
      await stack.script(restore);
      await goesOn();
      expect([await rows(), await blobs()]).toEqual(before);
    },
    3 * patienceMs,
  );

  it("leaves nothing behind when its volumes go, too", async () => {
    await stack.compose(...allProfiles, "down", "--volumes");
    const label = `label=com.docker.compose.project=${stack.project}`;
    for (const kind of [
      ["ps", "--all"],
      ["volume", "ls"],
      ["network", "ls"],
    ]) {
      expect([kind, await stack.docker(...kind, "--quiet", "--filter", label)]).toEqual([kind, ""]);
    }
  });
});

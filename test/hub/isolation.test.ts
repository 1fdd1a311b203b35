import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Packet, predictionType } from "@physical-ai/unity-protocol";
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { framesOf } from "../src/fuzz/frames.ts";
import { openWireClient, type WireClient } from "../src/fuzz/wire-client.ts";
import { connectClient, type InProcessHub, newRobot, packetsOf, startInProcessHub } from "../src/in-process-hub.ts";
import { startTestHub } from "../src/test-hub.ts";

/** Time that a slow machine does not need either. */
const forEverMs = 600_000;
const relay = { role: "relay", id: "relay-1", protocol: 1 } as const;
const viewer = { role: "viewer", id: "viewer-1", protocol: 1 } as const;

/** Speaks by hand, and has registered. */
async function joinByHand(url: string, registration: object): Promise<WireClient> {
  const client = await openWireClient(url, "", forEverMs);
  const outcome = await client.ask(0, framesOf("register", [registration], { id: 0 }));
  expect(outcome).toMatchObject({ kind: "answered", answer: { ok: true } });
  return client;
}

describe("a client beyond its limits", () => {
  let scene: InProcessHub;
  afterEach(() => scene.close());

  it("is refused what comes too fast, and stays", async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { limits: { eventsPerSecond: 5 } });
    const client = await scene.join(relay);
    const robot = newRobot();
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => client.ask("relay_to_hub", packetsOf(robot, index, 1))),
    );
    const refused = answers.filter((answer) => Reflect.get(Object(answer), "ok") === false);
    expect(refused.length).toBeGreaterThan(300);
    for (const answer of refused) {
      const message = "expected at most 5 events a second; more came. Send fewer";
      expect(answer).toEqual({ ok: false, error: { code: "overloaded", message } });
    }
    expect(await scene.rowsOf(robot)).toHaveLength(answers.length - refused.length);
    const other = await scene.join({ ...relay, id: "relay-2" });
    expect(await other.ask("relay_to_hub", packetsOf(robot, 1, 1))).toEqual({ ok: true });
    expect(client.socket.connected).toBe(true);
  });

  it("is refused more commands a second than anyone needs", async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { limits: { commandsPerSecond: 1 } });
    const client = await scene.join(viewer);
    const command = { robot_id: "nobody", action: "drive" };
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.ask("command_request", command)));
    const codes = answers.map((answer) => Reflect.get(Object(Reflect.get(Object(answer), "error")), "code"));
    expect(new Set(codes)).toEqual(new Set(["unknown_robot", "overloaded"]));
    expect(codes.filter((code) => code === "unknown_robot").length).toBeLessThan(20);
  });

  it("is dismissed when it sends nothing but garbage, and told why", async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { limits: { wrongInARow: 10, wrongWithinMs: forEverMs } });
    const client = await scene.join(relay);
    for (let count = 0; count < 10; count++) client.socket.emit("relay_to_hub", { robot_id: 7 } as never);
    await eventually(() => expect(client.socket.connected).toBe(false));
    expect(client.heard("dismissed")).toEqual([
      {
        ok: false,
        error: {
          code: "invalid_message",
          message: expect.stringMatching(/^the last 10 messages were all wrong; the last: .*robot_/),
        },
      },
    ]);
  });

  it("is not dismissed for a mistake now and then, nor for events that the hub does not know", async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { limits: { wrongInARow: 10, wrongWithinMs: forEverMs } });
    const client = await scene.join(relay);
    for (let count = 0; count < 40; count++) {
      client.socket.emit("relay_to_hub", (count % 9 === 0 ? packetsOf("r", 1, 1) : { robot_id: 7 }) as never);
      client.socket.emit("heartbeat" as "clock");
    }
    expect(await client.ask("relay_to_hub", packetsOf("r", 1, 1))).toEqual({ ok: true });
    expect(await client.socket.emitWithAck("heartbeat" as "clock")).toEqual({
      ok: false,
      error: { code: "invalid_message", message: expect.stringContaining('got "heartbeat"') },
    });
  });

  it("is dismissed when it never registers; who has registered stays", async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { limits: { registerWithinMs: 5_000 } });
    const registered = await scene.join(viewer);
    const silent = await scene.connect();
    await eventually(() => expect(silent.socket.connected).toBe(false));
    expect(silent.heard("dismissed")).toMatchObject([{ error: { code: "not_registered" } }]);
    expect(registered.socket.connected).toBe(true);
  });

  it("loses its connection when it does not read its answers", async () => {
    scene = await startInProcessHub(inject("postgresUrl"), {
      limits: { maxUnread: { messages: 1_000, bytes: 1_000_000 } },
    });
    const client = await joinByHand(scene.url, viewer);
    client.pause();
    let id = 0;
    await eventually(() => {
      for (let count = 0; count < 2_000; count++) client.send(framesOf("clock", [], { id: ++id }));
      expect(scene.hub.stats.viewers.viewers).toBe(0);
    });
    client.cut();
  });

  it("registers once at a time, so that it cannot fill the database's queue", async () => {
    scene = await startInProcessHub(inject("postgresUrl"));
    const client = await scene.connect();
    const register = () => client.ask("register", { ...relay, stream_id: randomUUID() });
    const blocker = await scene.database.pool.connect();
    await blocker.query("begin; lock table relay_streams in access exclusive mode");
    const first = register();
    const others = await Promise.all(Array.from({ length: 99 }, register));
    await blocker.query("rollback");
    blocker.release();
    expect(await first).toMatchObject({ ok: true });
    const refusal = { ok: false, error: { code: "overloaded", message: expect.any(String) } };
    expect(others).toEqual(others.map(() => refusal));
    const { rows } = await scene.database.pool.query("select count(*)::int as count from relay_streams");
    expect(rows[0].count).toBe(1);
  });
});

describe("what one client sends", () => {
  let scene: InProcessHub;
  beforeAll(async () => {
    scene = await startInProcessHub(inject("postgresUrl"));
  });
  afterAll(() => scene.close());

  const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

  it("cannot harm viewers by fields that are not stored", async () => {
    const client = await joinByHand(scene.url, relay);
    const robot = newRobot();
    // By hand: the client library itself would not survive writing it.
    const text = JSON.stringify(["relay_to_hub", { ...packetsOf(robot, 1, 1)[0], extra: 0 }]);
    const frame = `21${text.replace('"extra":0', `"extra":${"[".repeat(20_000)}${"]".repeat(20_000)}`)}`;
    expect(await client.ask(1, [frame])).toMatchObject({ answer: { ok: false, error: { code: "unstorable" } } });
    const late = await scene.join({ ...viewer, filter: { robots: [robot] } });
    const good = await scene.join({ ...relay, id: "relay-2" });
    await good.ask("relay_to_hub", packetsOf(robot, 2, 1, { val: nested(90) }));
    await eventually(() => expect(late.heard("update_data")).toHaveLength(1));
    client.close();
  });

  it("cannot cut viewers and workers off by binary that their parsers do not take", async () => {
    const [client, robot] = [await scene.join(relay), newRobot()];
    const watching = await scene.join({ ...viewer, filter: { robots: [robot] } });
    const pictures = (count: number) => Array.from({ length: count }, (_, index) => Buffer.from([index]));
    const send = (packet: object) => client.ask("relay_to_hub", { ...packetsOf(robot, 1, 1)[0], ...packet });
    expect(await send({ val: pictures(11) })).toMatchObject({ error: { code: "unstorable" } });
    expect(await send({ val: pictures(5), also: pictures(6) })).toMatchObject({ error: { code: "unstorable" } });
    expect(await send({ val: { _placeholder: true, num: 3 } })).toMatchObject({ error: { code: "unstorable" } });
    expect(await send({ val: pictures(10) })).toEqual({ ok: true });
    await eventually(() => expect(watching.heard("update_data")).toHaveLength(1));
    expect(watching.socket.connected).toBe(true);
  });

  it("may be a batch of many pictures, which reach a worker in one array", async () => {
    const [robot, type] = [newRobot(), `image/${randomUUID()}`];
    const client = await scene.join(relay);
    const seen: Packet[] = [];
    const worker = connectToHub({
      url: scene.url,
      registration: () => ({
        role: "brain_worker",
        id: "pictures",
        protocol: 1,
        policies: [{ name: type, types: [type], delivery: "every" }],
      }),
      onRegistered: () => undefined,
    });
    worker.socket.on("process_raw", (packets, _policy, done) => {
      seen.push(...(packets as Packet[]));
      done?.();
    });
    await eventually(() => expect(worker.registered).toBe(true));
    const packets = packetsOf(robot, 1, 40, { type, val: Buffer.alloc(100) });
    expect(await client.ask("relay_to_hub", packets)).toEqual({ ok: true });
    await eventually(() => expect(seen.map(({ val }) => (val as Buffer).length)).toEqual(packets.map(() => 100)));
    worker.close();
  });

  it("is bounded with all its attachments", async () => {
    const client = await joinByHand(scene.url, relay);
    client.send(['520000-["relay_to_hub",{"_placeholder":true,"num":0}]']);
    const attachment = Buffer.alloc(3_000_000);
    for (let count = 0; count < 6; count++) client.send([attachment]);
    await eventually(() => expect(client.open).toBe(false));
  });

  it("may be a large frame, but not a larger one", async () => {
    const robot = newRobot();
    const client = await joinByHand(scene.url, relay);
    const frames = (bytes: number, id: number) =>
      framesOf("relay_to_hub", packetsOf(robot, 1, 1, { val: "x".repeat(bytes) }), { id });
    expect(await client.ask(1, frames(3_900_000, 1))).toEqual({ kind: "answered", answer: { ok: true } });
    expect(await client.ask(2, frames(4_100_000, 2))).toEqual({ kind: "closed" });
    expect(await scene.rowsOf(robot)).toHaveLength(1);
  });

  it("cannot send another robot away by a prediction's command", async () => {
    const [own, other] = [newRobot(), newRobot()];
    const client = await scene.join({ ...relay, robots: [own, other] });
    const worker = await scene.join({ role: "brain_worker", id: "w", protocol: 1 });
    const val = {
      policy: "p",
      model_version: "m",
      kind: "action",
      input: {},
      timing: { queue: 0, preprocess: 0, infer: 0, total: 0 },
      command: { action: "drive", robot_id: other, robot_type: 7 },
    };
    await worker.ask("worker_to_hub", { robot_id: own, robot_type: "EP01", type: predictionType, val });
    await eventually(() =>
      expect(client.heard("send_to_robot")).toMatchObject([{ robot_id: own, robot_type: "EP01", action: "drive" }]),
    );
  });

  it("leaves nobody behind when it comes and goes in one breath", async () => {
    const before = scene.hub.stats.viewers.viewers;
    const clients = await Promise.all(Array.from({ length: 20 }, () => openWireClient(scene.url, "")));
    for (const client of clients) {
      client.send([...framesOf("register", [viewer]), "1"]);
      client.cut();
    }
    const last = await scene.join(viewer);
    last.close();
    await eventually(() => expect(scene.hub.stats.viewers.viewers).toBe(before));
  });
});

describe("a viewer that stops reading", () => {
  let scene: InProcessHub;
  beforeEach(async () => {
    scene = await startInProcessHub(inject("postgresUrl"), {
      limits: { maxUnread: { messages: 2_000, bytes: 2_000_000 } },
    });
  });
  afterEach(() => scene.close());

  it("costs others nothing, and sees how things stand when it reads again", async () => {
    const robot = newRobot();
    const client = await scene.join(relay);
    const stalled = await joinByHand(scene.url, { ...viewer, filter: { robots: [robot] } });
    const healthy = await scene.join({ ...viewer, id: "healthy", filter: { robots: [robot] } });
    stalled.pause();
    const rounds = 300;
    for (let round = 1; round <= rounds; round++) {
      await client.ask("relay_to_hub", packetsOf(robot, round, 1, { val: `${round} ${"x".repeat(50_000)}` }));
    }
    await eventually(() => expect(healthy.heard("update_data")).toHaveLength(rounds));
    expect(await scene.rowsOf(robot)).toHaveLength(rounds);
    const updates: string[] = [];
    stalled.onEvent((event, value) => {
      if (event === "update_data") updates.push(String(Reflect.get(Object(value), "val")).split(" ", 1)[0] ?? "");
    });
    stalled.resume();
    await eventually(() => expect(updates.at(-1)).toBe(String(rounds)));
    expect(updates.length, "what it missed was merged").toBeLessThan(rounds);
    stalled.close();
  });

  it("comes back by itself when the hub has closed its connection", async () => {
    const robot = newRobot();
    const client = await scene.join(relay);
    let registrations = 0;
    const stalled = connectToHub({
      url: scene.url,
      registration: () => ({ ...viewer, id: "stalled", filter: { robots: [robot] } }),
      onRegistered: () => registrations++,
    });
    await eventually(() => expect(stalled.registered).toBe(true));
    const viewers = scene.hub.stats.viewers.viewers;
    const connection = tcpOf(stalled);
    connection.pause();
    await eventually(() => {
      for (let count = 0; count < 2_000; count++) stalled.socket.emit("clock", () => undefined);
      expect(scene.hub.stats.viewers.viewers).toBe(viewers - 1);
    });
    connection.resume();
    await eventually(() => expect(registrations).toBe(2));
    const updates: unknown[] = [];
    stalled.socket.on("update_data", ({ val }) => updates.push(val));
    await client.ask("relay_to_hub", packetsOf(robot, 1, 1));
    await eventually(() => expect(updates).toEqual([1]));
    expect(scene.hub.stats.viewers.viewers).toBe(viewers);
    stalled.close();
  });
});

it("all of them at once: a healthy relay, worker and viewer get what they get alone", async () => {
  const [database, folder] = [
    await createTestDatabase(inject("postgresUrl")),
    await mkdtemp(join(tmpdir(), "hub-iso-")),
  ];
  const hub = await startTestHub({ databaseUrl: database.url, folder, environment: { ALLOW_ANONYMOUS: "1" } });
  const ending: (() => void)[] = [];
  const [robot, stream_id, batches, size] = [newRobot(), randomUUID(), 60, 20];

  const predictions = new Set<unknown>();
  const watching = await connectClient(hub.url);
  await watching.ask("register", { ...viewer, filter: { robots: [robot] } });
  watching.socket.on("update_data", (packet) => {
    if (packet.type === predictionType) predictions.add(Reflect.get(Object(packet.val), "label"));
  });
  const worker = connectToHub({
    url: hub.url,
    registration: () => ({ role: "brain_worker", id: "healthy", protocol: 1, policies: [policyOf("healthy")] }),
    onRegistered: () => undefined,
  });
  worker.socket.on("process_raw", (packets, _policy, done) => {
    for (const packet of packets as Packet[]) {
      if (packet.robot_id === robot) worker.socket.emit("worker_to_hub", predictionOf(packet));
    }
    done?.();
  });
  await eventually(() => expect(worker.registered).toBe(true));
  const healthy = await connectClient(hub.url);
  await healthy.ask("register", { ...relay, stream_id });

  for (let count = 0; count < 3; count++) {
    const stalled = await joinByHand(hub.url, { ...viewer, id: `stalled-${count}` });
    stalled.pause();
    ending.push(() => stalled.cut());
  }
  const hanging = await joinByHand(hub.url, {
    role: "brain_worker",
    id: "hanging",
    protocol: 1,
    policies: [policyOf("hanging")],
  });
  const flood = await joinByHand(hub.url, { ...relay, id: "flood" });
  const garbage = await joinByHand(hub.url, { ...relay, id: "garbage" });
  const enormous = await joinByHand(hub.url, { ...relay, id: "enormous" });
  ending.push(
    () => hanging.cut(),
    () => flood.cut(),
    () => garbage.cut(),
    () => enormous.cut(),
  );
  const flooding = framesOf("relay_to_hub", [packetsOf("FLOOD", 1, 200)]);
  const large = framesOf("relay_to_hub", packetsOf("LARGE", 1, 1, { val: "x".repeat(2_000_000) }));

  for (let batch = 0; batch < batches; batch++) {
    for (let count = 0; count < 5; count++) flood.send(flooding);
    for (let count = 0; count < 150; count++) garbage.send(framesOf("relay_to_hub", [{ count }]));
    garbage.send([Buffer.alloc(1_000)]);
    enormous.send(large);
    const first_seq = 1 + batch * size;
    const answer = await healthy.ask("relay_to_hub", {
      stream_id,
      first_seq,
      packets: packetsOf(robot, first_seq, size),
    });
    expect(answer).toEqual({ ok: true, committed_seq: first_seq + size - 1 });
    // Live packets do not wait for a machine that lags behind with the rest.
    await eventually(() => expect(predictions.size).toBe(first_seq + size - 1));
  }

  await eventually(() => expect(garbage.open).toBe(false));
  const { rows } = await database.pool.query(
    "select count(*)::int as count, count(distinct seq)::int as seqs from robot_telemetry where robot_id = $1",
    [robot],
  );
  expect(rows[0]).toEqual({ count: batches * size, seqs: batches * size });
  expect(watching.heard("update_data").length).toBeGreaterThan(batches * size);
  expect(await residentMegabytes(hub.process.pid)).toBeLessThan(900);

  for (const end of ending) end();
  for (const client of [watching, healthy, worker]) client.close();
  await hub.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const policyOf = (name: string) => ({ name, types: ["imu"], delivery: "every" as const });

function predictionOf({ robot_id, robot_type, val }: Packet): Packet {
  return {
    robot_id,
    robot_type,
    type: predictionType,
    val: {
      policy: "healthy",
      model_version: "m",
      kind: "classification",
      label: String(val),
      input: {},
      timing: { queue: 0, preprocess: 0, infer: 0, total: 0 },
    },
  };
}

/** The TCP connection under a client: what stops reading when a machine hangs. */
function tcpOf({ socket }: HubConnection): { pause(): void; resume(): void } {
  const webSocket: unknown = Reflect.get(Object(socket.io.engine.transport), "ws");
  const [pause, resume] = [Reflect.get(Object(webSocket), "pause"), Reflect.get(Object(webSocket), "resume")];
  if (typeof pause !== "function" || typeof resume !== "function") throw new Error("no WebSocket of the library ws");
  return { pause: () => pause.call(webSocket), resume: () => resume.call(webSocket) };
}

/** 0 where there is no /proc. */
async function residentMegabytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

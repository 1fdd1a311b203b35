import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hub } from "@physical-ai/hub";
import { type PolicySubscription, type Registration, validate } from "@physical-ai/unity-protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { connectClient, listen, newRobot, packetsOf, type TestClient } from "../src/in-process-hub.ts";
import { hasRedis, startRedis, type TestRedis } from "../src/redis.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

describe.skipIf(!hasRedis())("several hubs", () => {
  let redis: TestRedis;
  let folder: string;
  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), "hub-cluster-"));
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  let database: TestDatabase;
  let clients: TestClient[];
  let robot: string;
  let stream_id: string;
  beforeEach(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    clients = [];
    robot = newRobot();
    stream_id = randomUUID();
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    await database.drop();
  });

  async function connect(url: string, registration: Registration): Promise<TestClient> {
    const client = await connectClient(url);
    clients.push(client);
    expect(await client.ask("register", registration)).toMatchObject({ ok: true });
    return client;
  }

  const joinRelay = (url: string) =>
    connect(url, { role: "relay", id: "relay-1", protocol: 1, stream_id, robots: [robot] });
  const joinViewer = (url: string, filter = { robots: [robot, "worker-1", "worker-2", "worker-3"] }) =>
    connect(url, { role: "viewer", id: "unity-1", protocol: 1, filter });

  /** A worker that asks for more at once, and the values that it got. */
  async function joinWorker(url: string, id = "worker-1") {
    const policies: PolicySubscription[] = [{ name: "every-imu", types: ["imu"], delivery: "every" }];
    const worker = await connect(url, { role: "brain_worker", id, protocol: 1, policies });
    const values: unknown[] = [];
    worker.socket.on("process_raw", (message, _policy, done) => {
      const packets = validate.rawPackets(message);
      if (!packets.ok) throw new Error(packets.problem);
      for (const packet of packets.value) values.push(packet.val);
      done?.();
    });
    return { ...worker, values };
  }

  const batchOf = (first_seq: number, count: number, val?: unknown) => ({
    stream_id,
    first_seq,
    packets: packetsOf(robot, first_seq, count, val === undefined ? {} : { val }),
  });
  const seqsOf = async () =>
    (
      await database.pool.query(
        "select seq::int from robot_telemetry where stream_id = $1 order by robot_telemetry.seq, id",
        [stream_id],
      )
    ).rows.map(({ seq }) => seq);
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const newestStatus = (viewer: TestClient, id: string) =>
    viewer.heard("robot_status").findLast((status) => Reflect.get(Object(status), "id") === id);
  const predictionOf = (details: object = {}) => ({
    robot_id: robot,
    robot_type: "EP01",
    type: "ai_prediction",
    val: {
      policy: "every-imu",
      model_version: "3f1c9a7be204",
      kind: "action",
      input: { stream_id, first_seq: 1, last_seq: 1 },
      timing: { queue: 0, preprocess: 0, infer: 0, total: 0 },
      ...details,
    },
  });

  describe("in one process", () => {
    let hubs: Hub[];
    let urls: string[];
    const urlOf = (place: number) => urls[place] ?? "";

    async function startHub(redisUrl: string | undefined = redis.url): Promise<void> {
      const { hub, url } = await listen(database, { blobFolder: folder, redisUrl });
      hubs.push(hub);
      urls.push(url);
    }
    const everyHubSees = (others: number) =>
      eventually(() => expect(hubs.map((hub) => hub.stats.cluster.otherHubs)).toEqual(hubs.map(() => others)));

    beforeEach(async () => {
      hubs = [];
      urls = [];
      for (let place = 0; place < 3; place++) await startHub();
      await everyHubSees(2);
    });
    afterEach(async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
    });

    it("a relay on one, its viewer on another, its worker on a third: the loop closes, and all is stored once", async () => {
      const viewer = await joinViewer(urlOf(1));
      const worker = await joinWorker(urlOf(2));
      await eventually(() => expect(newestStatus(viewer, "worker-1")).toMatchObject({ status: "online" }));
      const relay = await joinRelay(urlOf(0));
      relay.socket.on("send_to_robot", (_command, answer) =>
        answer({ status: "acknowledged", result: { speed: 0.3 } }),
      );
      // The worker of the third hub is known to the first as soon as a packet reaches it.
      await eventually(async () => {
        const { workers } = Object(await (await fetch(`${urlOf(0)}/api/workers`)).json());
        expect(workers).toEqual([{ worker_id: "worker-1", policies: ["every-imu"] }]);
      });

      const frame = Buffer.from([0, 1, 254, 255]);
      await relay.ask("relay_to_hub", batchOf(1, 2));
      await relay.ask("relay_to_hub", { stream_id, first_seq: 3, packets: packetsOf(robot, 3, 1, { val: frame }) });
      await eventually(() => expect(worker.values).toEqual([1, 2, frame]));
      await eventually(() =>
        expect(viewer.heard("update_data").map((packet) => Reflect.get(Object(packet), "val"))).toEqual([1, 2, frame]),
      );
      await eventually(() =>
        expect(newestStatus(viewer, robot)).toMatchObject({ status: "online", robot_type: "EP01" }),
      );

      const prediction = predictionOf({ command: { action: "drive", params: { linear: 0.3 } } });
      expect(await worker.ask("worker_to_hub", prediction)).toEqual({ ok: true });
      await eventually(() => expect(viewer.heard("update_data")).toContainEqual(prediction));
      await eventually(() =>
        expect(viewer.heard("command_update")).toMatchObject([
          { status: "sent", sender: "policy:every-imu" },
          { status: "acknowledged", result: { speed: 0.3 } },
        ]),
      );
      expect(relay.heard("send_to_robot")).toMatchObject([{ action: "drive", params: { linear: 0.3 } }]);
      await eventually(async () => {
        const { rows } = await database.pool.query("select policy from ai_predictions where robot_id = $1", [robot]);
        expect(rows).toEqual([{ policy: "every-imu" }]);
      });
      expect(await seqsOf()).toEqual([1, 2, 3]);
      await eventually(async () => {
        const { rows } = await database.pool.query("select status, seq::int from robot_commands");
        expect(rows).toEqual([{ status: "acknowledged", seq: 1 }]);
      });
    });

    it("a viewer's command reaches the robot wherever its relay is, and everyone hears the answer", async () => {
      const relay = await joinRelay(urlOf(0));
      relay.socket.on("send_to_robot", (_command, answer) => answer({ status: "acknowledged" }));
      await relay.ask("relay_to_hub", batchOf(1, 1));
      const [asker, other] = [await joinViewer(urlOf(1)), await joinViewer(urlOf(2))];
      await eventually(() => {
        for (const viewer of [asker, other]) expect(newestStatus(viewer, robot)).toMatchObject({ status: "online" });
      });
      const command_id = randomUUID();
      const request = { robot_id: robot, action: "stop", command_id };
      expect(await asker.ask("command_request", request)).toEqual({ ok: true, command_id, status: "sent" });
      const statusesOf = (viewer: TestClient) =>
        viewer.heard("command_update").map((update) => Reflect.get(Object(update), "status"));
      await eventually(() => {
        for (const viewer of [asker, other]) expect(statusesOf(viewer)).toEqual(["sent", "acknowledged"]);
      });
      expect(await asker.ask("command_request", request)).toMatchObject({ status: "acknowledged" });
      await Promise.all([asker, other].map((viewer) => viewer.ask("command_request", request)));
      expect(
        await other.ask("command_request", { ...request, robot_id: "nobody's", command_id: randomUUID() }),
      ).toMatchObject({
        ok: false,
        error: { code: "unknown_robot" },
      });
      await eventually(async () => {
        const { rows } = await database.pool.query("select status, sender from robot_commands where robot_id = $1", [
          robot,
        ]);
        expect(rows).toEqual([{ status: "acknowledged", sender: "unity-1" }]);
      });
      expect(relay.heard("send_to_robot")).toHaveLength(1);
    });

    it("a command that several hubs are asked for at once is executed once", async () => {
      const relay = await joinRelay(urlOf(0));
      relay.socket.on("send_to_robot", (_command, answer) => answer({ status: "acknowledged" }));
      await relay.ask("relay_to_hub", batchOf(1, 1));
      const viewers = await Promise.all(urls.map((url) => joinViewer(url)));
      await eventually(() => {
        for (const viewer of viewers) expect(viewer.heard("update_data")).toHaveLength(1);
      });
      const request = { robot_id: robot, action: "stop", command_id: randomUUID() };
      await Promise.all(viewers.map((viewer) => viewer.ask("command_request", request)));
      await eventually(() => {
        for (const viewer of viewers) expect(viewer.heard("command_update")).toHaveLength(2);
      });
      expect(relay.heard("send_to_robot")).toHaveLength(1);
    });

    it("every one tells of all robots and workers, and shows a new viewer how things stand everywhere", async () => {
      const relay = await joinRelay(urlOf(0));
      await relay.ask("relay_to_hub", batchOf(1, 3));
      await joinWorker(urlOf(1));
      await Promise.all(
        urls.map((url) =>
          eventually(async () => {
            const { robots } = Object(await (await fetch(`${url}/api/robots`)).json());
            expect(robots).toEqual([
              {
                robot_id: robot,
                robot_type: "EP01",
                status: "online",
                relay_id: "relay-1",
                last_seen: expect.any(Number),
                data_types: ["imu"],
              },
            ]);
            const { workers } = Object(await (await fetch(`${url}/api/workers`)).json());
            expect(workers).toEqual([{ worker_id: "worker-1", policies: ["every-imu"] }]);
          }),
        ),
      );
      const viewer = await joinViewer(urlOf(2));
      await eventually(() => expect(viewer.heard("update_data")).toMatchObject([{ robot_id: robot, val: 3 }]));
      await eventually(() => {
        for (const id of [robot, "worker-1"]) expect(newestStatus(viewer, id)).toMatchObject({ status: "online" });
      });
    });

    it("robots are spread over the workers of all, each packet goes to one, and to a stop's worker no more", async () => {
      const relay = await joinRelay(urlOf(0));
      const workers = await Promise.all(urls.map((url, place) => joinWorker(url, `worker-${place + 1}`)));
      const viewer = await joinViewer(urlOf(0));
      await eventually(() => {
        for (const id of [1, 2, 3]) expect(newestStatus(viewer, `worker-${id}`)).toMatchObject({ status: "online" });
      });
      const robots = Array.from({ length: 45 }, newRobot);
      let value = 0;
      const ownersOf = async () => {
        value++;
        const marks = robots.map((one) => `${one}:${value}`);
        await relay.ask(
          "relay_to_hub",
          robots.flatMap((one) => packetsOf(one, value, 1, { val: `${one}:${value}` })),
        );
        const owners = () => marks.map((mark) => workers.filter(({ values }) => values.includes(mark)));
        await eventually(() => expect(owners().every((found) => found.length === 1)).toBe(true));
        return owners().map(([owner]) => owner);
      };
      const before = await ownersOf();
      for (const worker of workers) expect(before.filter((owner) => owner === worker).length).toBeGreaterThan(0);

      const leaving = workers[2];
      await hubs.pop()?.close();
      await eventually(() => expect(newestStatus(viewer, "worker-3")).toMatchObject({ status: "offline" }));
      const after = await ownersOf();
      for (const [index, owner] of before.entries()) {
        if (owner === leaving) expect(after[index]).not.toBe(leaving);
        else expect(after[index]).toBe(owner);
      }
    });

    it("a legacy worker gets every packet of its robot type, from any of them", async () => {
      const old = await connect(urlOf(1), { role: "brain_worker", id: "old", robot_type: "EP01" });
      const viewer = await joinViewer(urlOf(0), { robots: ["old"] });
      const relay = await joinRelay(urlOf(0));
      await eventually(() => expect(newestStatus(viewer, "old")).toMatchObject({ status: "online" }));
      await relay.ask("relay_to_hub", batchOf(1, 3));
      await eventually(() => expect(old.heard("process_raw")).toMatchObject([{ val: 1 }, { val: 2 }, { val: 3 }]));
    });

    it("a viewer that is the first to want something gets it as it stands at the others", async () => {
      const relay = await joinRelay(urlOf(0));
      await relay.ask("relay_to_hub", batchOf(1, 3));
      const other = await joinViewer(urlOf(1), { robots: ["another"] });
      const late = await joinViewer(urlOf(1));
      await eventually(() => expect(late.heard("update_data")).toMatchObject([{ val: 3 }]));
      expect(other.heard("update_data")).toEqual([]);
    });

    it("a relay that goes back and forth between them mid-stream loses and doubles nothing", async () => {
      const viewer = await joinViewer(urlOf(2));
      let sent = 0;
      for (let turn = 0; turn < 12; turn++) {
        const relay = await connectClient(urlOf(turn % 2));
        clients.push(relay);
        const registration = { role: "relay", id: "relay-1", protocol: 1, stream_id, robots: [robot] };
        const { committed_seq } = Object(await relay.ask("register", registration));
        expect(committed_seq).toBeLessThanOrEqual(sent);
        const batches = [batchOf(committed_seq + 1, 20), batchOf(committed_seq + 21, 20)];
        // The last one is under way when the relay goes.
        relay.socket.emit("relay_to_hub", batches[1] ?? batchOf(1, 1));
        await relay.ask("relay_to_hub", batches[0]);
        // Hubs tell each other at intervals: a visit shorter than that may go unseen.
        if (turn === 0) await eventually(() => expect(newestStatus(viewer, robot)).toMatchObject({ status: "online" }));
        relay.socket.emit("relay_to_hub", batchOf(committed_seq + 21, 20));
        relay.socket.emit("relay_to_hub", batchOf(committed_seq + 41, 20));
        sent = committed_seq + 60;
        relay.close();
      }
      await eventually(() => expect(newestStatus(viewer, robot)).toMatchObject({ status: "offline" }));
      await eventually(async () => {
        const seqs = await seqsOf();
        expect(seqs.length).toBeGreaterThanOrEqual(12 * 20);
        expect(seqs).toEqual(upTo(seqs.length));
      });
    });

    it("a relay that sends the same stream to two of them at once has each packet stored once", async () => {
      const relays = await Promise.all([joinRelay(urlOf(0)), joinRelay(urlOf(1))]);
      await Promise.all(
        relays.map(async (relay, place) => {
          // Batches of different sizes, so that they overlap in every way.
          const size = place === 0 ? 7 : 11;
          for (let first = 1; first <= 700; first += size) {
            const answer = await relay.ask("relay_to_hub", batchOf(first, Math.min(size, 701 - first)));
            expect(answer).toMatchObject({ ok: true });
          }
        }),
      );
      expect(await seqsOf()).toEqual(upTo(700));
    });

    it("go on alone while Redis is away or frozen, and find each other again", async () => {
      const [viewer, far] = [await joinViewer(urlOf(0)), await joinViewer(urlOf(1))];
      const relay = await joinRelay(urlOf(0));
      await relay.ask("relay_to_hub", batchOf(1, 1));
      await eventually(() => expect(far.heard("update_data")).toHaveLength(1));
      await eventually(() => expect(newestStatus(far, robot)).toMatchObject({ status: "online" }));

      await redis.kill();
      expect(await relay.ask("relay_to_hub", batchOf(2, 5))).toEqual({ ok: true, committed_seq: 6 });
      await eventually(() => expect(viewer.heard("update_data")).toHaveLength(6));
      await eventually(() => expect(newestStatus(far, robot)).toMatchObject({ status: "offline" }));
      expect(await far.ask("command_request", { robot_id: robot, action: "stop" })).toMatchObject({ ok: false });
      expect(hubs[0]?.stats.cluster.dropped).toBeGreaterThan(0);
      // Each shows the others how things stand when they come: not those whom it has not missed yet.
      await everyHubSees(0);

      await redis.restart();
      await relay.ask("relay_to_hub", batchOf(7, 1));
      await eventually(() => expect(newestStatus(far, robot)).toMatchObject({ status: "online" }));
      await eventually(() => expect(far.heard("update_data").at(-1)).toMatchObject({ val: 7 }));
      expect(await seqsOf()).toEqual(upTo(7));

      redis.freeze();
      expect(await relay.ask("relay_to_hub", batchOf(8, 5))).toEqual({ ok: true, committed_seq: 12 });
      await eventually(() => expect(viewer.heard("update_data").at(-1)).toMatchObject({ val: 12 }));
      redis.thaw();
      await relay.ask("relay_to_hub", batchOf(13, 1));
      await eventually(() => expect(far.heard("update_data").at(-1)).toMatchObject({ val: 13 }));
    });

    it("a value that cannot be sent on is stored and shown here, and harms nobody", async () => {
      const [near, far] = [await joinViewer(urlOf(0)), await joinViewer(urlOf(1))];
      const relay = await joinRelay(urlOf(0));
      let deep: unknown = 1;
      for (let level = 0; level < 100; level++) deep = [deep];
      await eventually(async () => {
        const { robots } = Object(await (await fetch(`${urlOf(1)}/api/robots`)).json());
        expect(robots).toMatchObject([{ robot_id: robot }]);
      });
      expect(await relay.ask("relay_to_hub", batchOf(1, 1, deep))).toMatchObject({ ok: true });
      expect(await relay.ask("relay_to_hub", batchOf(2, 1, JSON.parse('{"__proto__": 1}')))).toMatchObject({
        ok: true,
      });
      expect(await relay.ask("relay_to_hub", batchOf(3, 1))).toMatchObject({ ok: true });
      await eventually(() => expect(near.heard("update_data")).toHaveLength(3));
      await eventually(() => expect(far.heard("update_data").at(-1)).toMatchObject({ val: 3 }));
      expect(await seqsOf()).toEqual([1, 2, 3]);
    });

    it("a hub that starts without Redis works, and joins when it comes", async () => {
      await redis.kill();
      await startHub();
      const relay = await joinRelay(urlOf(3));
      expect(await relay.ask("relay_to_hub", batchOf(1, 1))).toEqual({ ok: true, committed_seq: 1 });
      await redis.restart();
      await everyHubSees(3);
    });
  });

  describe("as processes", () => {
    const startHub = (databaseUrl = database.url) =>
      startTestHub({
        databaseUrl,
        folder,
        environment: { REDIS_URL: redis.url, ALLOW_ANONYMOUS: "1" },
      });

    /** As a crash does, for good. */
    async function kill(hub: TestHub): Promise<void> {
      const { pid } = hub.process;
      if (pid !== undefined) process.kill(pid, "SIGKILL");
      await hub.stop();
    }

    it("one that is killed takes its robots and workers offline, and its relay and worker go on at another", async () => {
      const [first, second] = await Promise.all([startHub(), startHub()]);
      try {
        const viewer = await joinViewer(second.url);
        const relay = await joinRelay(first.url);
        await joinWorker(first.url);
        await eventually(() => expect(newestStatus(viewer, "worker-1")).toMatchObject({ status: "online" }));
        expect(await relay.ask("relay_to_hub", batchOf(1, 50))).toEqual({ ok: true, committed_seq: 50 });
        await eventually(() => expect(newestStatus(viewer, robot)).toMatchObject({ status: "online" }));
        for (let first_seq = 51; first_seq <= 1_000; first_seq += 50) {
          relay.socket.emit("relay_to_hub", batchOf(first_seq, 50));
        }
        await kill(first);
        await eventually(() => expect(newestStatus(viewer, robot)).toMatchObject({ status: "offline" }));
        await eventually(() => expect(newestStatus(viewer, "worker-1")).toMatchObject({ status: "offline" }));

        const moved = await connectClient(second.url);
        clients.push(moved);
        const worker = await joinWorker(second.url, "worker-2");
        const registration = { role: "relay", id: "relay-1", protocol: 1, stream_id, robots: [robot] };
        const { committed_seq } = Object(await moved.ask("register", registration));
        expect(committed_seq).toBeGreaterThanOrEqual(50);
        for (let next = committed_seq + 1; next <= 1_000; next += 50) {
          await moved.ask("relay_to_hub", batchOf(next, Math.min(50, 1_001 - next)));
        }
        expect(await moved.ask("relay_to_hub", batchOf(1_001, 1))).toEqual({ ok: true, committed_seq: 1_001 });
        expect(await seqsOf()).toEqual(upTo(1_001));
        await eventually(() => expect(newestStatus(viewer, robot)).toMatchObject({ status: "online" }));
        await eventually(() => expect(worker.values.at(-1)).toBe(1_001));
      } finally {
        await Promise.all([first.stop(), second.stop()]);
      }
    });

    it("two that start at once on an empty database both come up, and see each other", async () => {
      const empty = await createEmptyDatabase(inject("postgresUrl"));
      const hubs = await Promise.all([startHub(empty.url), startHub(empty.url)]);
      try {
        const [first, second] = hubs;
        const relay = await joinRelay(first.url);
        expect(await relay.ask("relay_to_hub", batchOf(1, 10))).toEqual({ ok: true, committed_seq: 10 });
        const viewer = await joinViewer(second.url);
        await eventually(() => expect(newestStatus(viewer, robot)).toMatchObject({ status: "online" }));
      } finally {
        await Promise.all(hubs.map((hub) => hub.stop()));
        await empty.drop();
      }
    });
  });
});

import type { Packet, PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import type { HubPacket } from "../packet.ts";
import { Presence, WorkerPool } from "./workers.ts";

interface Delivery {
  policy: string;
  packets: RawPacket[];
  done: () => void;
}

/** A worker that keeps what it gets, and is done when the test says so. */
function createWorker(workerId: string) {
  const got: Delivery[] = [];
  const link = {
    workerId,
    socket: {
      emit: (_event: string, packets: RawPacket[], policy: string, done: () => void) =>
        void got.push({ policy, packets, done }),
    },
  };
  return { got, link };
}

function received(seq: number, details: Partial<Packet> = {}): HubPacket {
  const packet = { robot_id: "r1", robot_type: "EP01", type: "imu", val: seq, ...details };
  return { packet, receivedAt: seq, streamId: "s", seq, bytes: 100, live: true };
}

const every: PolicySubscription = { name: "every-imu", types: ["imu"], delivery: "every" };
const latest: PolicySubscription = { name: "latest-imu", types: ["imu"], delivery: "latest" };
const seqsOf = (delivery: Delivery | undefined) => delivery?.packets.map((packet) => packet.seq);
const createPool = (now = 0, maxPacketsPerEvent = 100) => new WorkerPool({ now: () => now, maxPacketsPerEvent });

describe("the worker pool", () => {
  it("sends what a policy asked for, and nothing else", () => {
    const pool = createPool();
    const { got, link } = createWorker("w");
    pool.add(link, [
      { ...every, robot_types: ["EP01"] },
      { ...latest, types: ["battery", "odom"] },
    ]);
    pool.route([
      received(1),
      received(2, { robot_type: "GO1" }),
      received(3, { type: "battery" }),
      received(4, { type: "ultrasound" }),
    ]);
    expect(got.map(({ policy, packets }) => [policy, packets.map((packet) => packet.seq)])).toEqual([
      ["every-imu", [1]],
      ["latest-imu", [3]],
    ]);
  });

  it("says where and when a packet came from", () => {
    const pool = createPool();
    const { got, link } = createWorker("w");
    pool.add(link, [every]);
    const streamId = "5f0c0e0a-6d0b-4f0e-9d53-0f6a3c1b7e21";
    pool.route([{ ...received(7, { ts: 3 }), receivedAt: 9, streamId }]);
    const body = { robot_id: "r1", robot_type: "EP01", type: "imu", val: 7, ts: 3 };
    expect(got[0]?.packets).toEqual([{ ...body, received_at: 9, stream_id: streamId, seq: 7 }]);
  });

  it("does not take a robot's own fields for the hub's", () => {
    const pool = createPool();
    const { got, link } = createWorker("w");
    pool.add(link, [every]);
    const packet = Object.assign(received(1).packet, { seq: "a counter of its own", stream_id: 7, gap: -1 });
    pool.route([{ packet, receivedAt: 4, streamId: undefined, seq: undefined, bytes: 100, live: true }]);
    expect(got[0]?.packets).toEqual([{ robot_id: "r1", robot_type: "EP01", type: "imu", val: 1, received_at: 4 }]);
  });

  it("latest: one array under way, then only the newest", () => {
    const pool = createPool();
    const { got, link } = createWorker("w");
    pool.add(link, [latest]);
    for (let seq = 1; seq <= 5; seq++) pool.route([received(seq)]);
    expect(got.map(seqsOf)).toEqual([[1]]);
    got[0]?.done();
    expect(got.map(seqsOf)).toEqual([[1], [5]]);
    expect(pool.stats).toMatchObject({ waiting: 0, dropped: 3 });
  });

  it("every: two arrays under way, the rest waits in order", () => {
    const pool = createPool();
    const { got, link } = createWorker("w");
    pool.add(link, [every]);
    for (let seq = 1; seq <= 5; seq++) pool.route([received(seq)]);
    expect(got.map(seqsOf)).toEqual([[1], [2]]);
    expect(pool.stats).toMatchObject({ waiting: 3, dropped: 0 });
    got[1]?.done();
    expect(got.map(seqsOf)).toEqual([[1], [2], [3, 4, 5]]);
  });

  it("splits what waits into arrays of a bounded size", () => {
    const pool = createPool(0, 2);
    const { got, link } = createWorker("w");
    pool.add(link, [every]);
    pool.route([1, 2, 3, 4, 5].map((seq) => received(seq)));
    expect(got.map(seqsOf)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    got[0]?.done();
    expect(seqsOf(got[2])).toEqual([5]);
  });

  it("does not send what waited too long, and the next packet says so", () => {
    let now = 0;
    const pool = new WorkerPool({ now: () => now, maxAgeMs: 10 });
    const { got, link } = createWorker("w");
    pool.add(link, [every]);
    for (let seq = 1; seq <= 4; seq++) pool.route([received(seq)]);
    now = 100;
    pool.route([received(99)]);
    got[0]?.done();
    expect(got[2]?.packets).toMatchObject([{ seq: 99, gap: 2 }]);
    expect(pool.stats.dropped).toBe(2);
  });

  it("a policy that is busy does not hold up another", () => {
    const pool = createPool();
    const { got, link } = createWorker("w");
    pool.add(link, [latest, { ...latest, name: "other" }]);
    pool.route([received(1)]);
    got.find((delivery) => delivery.policy === "other")?.done();
    pool.route([received(2)]);
    expect(got.map((delivery) => [delivery.policy, ...(seqsOf(delivery) ?? [])])).toEqual([
      ["latest-imu", 1],
      ["other", 1],
      ["other", 2],
    ]);
  });

  it("gives each robot to one worker of a policy, always the same", () => {
    const pool = createPool();
    const workers = ["a", "b", "c"].map(createWorker);
    for (const { link } of workers) pool.add(link, [every]);
    const robots = Array.from({ length: 60 }, (_, index) => `r${index}`);
    for (const seq of [1, 2]) pool.route(robots.map((robot_id) => received(seq, { robot_id })));
    const byWorker = workers.map(({ got }) => got.flatMap(({ packets }) => packets.map((packet) => packet.robot_id)));
    expect(byWorker.flat().sort()).toEqual([...robots, ...robots].sort());
    for (const robotsOfWorker of byWorker) {
      expect(new Set(robotsOfWorker).size).toBe(robotsOfWorker.length / 2);
      expect(robotsOfWorker.length).toBeGreaterThan(0);
    }
  });

  it("gives the robots of a worker that left to the others, and forgets what waited for it", () => {
    const pool = createPool();
    const [leaving, staying] = [createWorker("a"), createWorker("b")];
    const leave = pool.add(leaving.link, [latest]);
    const robots = Array.from({ length: 20 }, (_, index) => `r${index}`);
    pool.add(staying.link, [latest]);
    const route = () => pool.route(robots.map((robot_id) => received(1, { robot_id })));
    route();
    route();
    const [underWay] = leaving.got;
    leave();
    underWay?.done();
    expect(leaving.got).toHaveLength(1);
    staying.got[0]?.done();
    staying.got[1]?.done();
    route();
    const moved = staying.got.at(-1)?.packets.map((packet) => packet.robot_id);
    expect(moved?.sort()).toEqual(robots.sort());
    expect(pool.stats.waiting).toBe(0);
    expect(pool.stats.dropped).toBe(underWay?.packets.length);
  });

  it("a worker that comes back takes its robots again", () => {
    const pool = createPool();
    const first = createWorker("a");
    pool.add(first.link, [every])();
    pool.route([received(1)]);
    const again = createWorker("a");
    pool.add(again.link, [every]);
    pool.route([received(2)]);
    expect(first.got).toEqual([]);
    expect(again.got.map(seqsOf)).toEqual([[2]]);
  });

  it("gives the robots of a worker that hangs to the others until it asks for packets again", () => {
    let time = 0;
    const pool = new WorkerPool({ now: () => time, hangsAfterMs: 1_000, maxAgeMs: 1e9 });
    const workers = ["a", "b"].map(createWorker);
    for (const { link } of workers) pool.add(link, [latest]);
    pool.route([received(1)]);
    const [hanging, other] = workers[0]?.got.length === 1 ? workers : [...workers].reverse();
    time = 900;
    pool.tick();
    pool.route([received(2)]);
    expect(other?.got).toHaveLength(0);
    time = 1_001;
    pool.tick();
    pool.route([received(3)]);
    expect(other?.got.map(seqsOf)).toEqual([[3]]);
    hanging?.got[0]?.done();
    pool.route([received(4)]);
    expect(hanging?.got.map(seqsOf)).toEqual([[1], [2]]);
    hanging?.got[1]?.done();
    expect(hanging?.got.map(seqsOf).at(-1)).toEqual([4]);
  });

  it("keeps to a worker that hangs where there is no other", () => {
    let time = 0;
    const pool = new WorkerPool({ now: () => time, hangsAfterMs: 1_000, maxAgeMs: 1e9 });
    const { got, link } = createWorker("only");
    pool.add(link, [latest]);
    pool.route([received(1)]);
    time = 5_000;
    pool.tick();
    pool.route([received(2)]);
    got[0]?.done();
    expect(got.map(seqsOf)).toEqual([[1], [2]]);
  });
});

describe("workers of other hubs", () => {
  const remote = (worker_id: string, hangs = false) => ({
    worker_id,
    subscriptions: [{ id: `b/${worker_id}`, policy: every, hangs }],
  });
  const robots = Array.from({ length: 40 }, (_, index) => received(index + 1, { robot_id: `robot-${index}` }));

  it("take their part of the robots, and every packet has one taker", () => {
    const pool = createPool();
    const { got, link } = createWorker("near");
    pool.add(link, [every]);
    pool.setElsewhere("b", [remote("far")]);
    const forwards = pool.route(robots);
    const near = got.flatMap(({ packets }) => packets.map((packet) => packet.seq));
    expect(forwards.size).toBeGreaterThan(0);
    expect(near.length).toBeGreaterThan(0);
    expect(
      [...near, ...[...forwards.keys()].map(({ seq }) => seq)].sort((one, other) => (one ?? 0) - (other ?? 0)),
    ).toEqual(robots.map(({ seq }) => seq));
    expect(new Set([...forwards.values()].flat())).toEqual(new Set(["b/far"]));
    pool.setElsewhere("b", []);
    expect(pool.route(robots).size).toBe(0);
  });

  it("get nothing while they hang and another does not", () => {
    const pool = createPool();
    pool.add(createWorker("near").link, [every]);
    pool.setElsewhere("b", [remote("far", true)]);
    expect(pool.route(robots).size).toBe(0);
  });

  it("are chosen alike by every hub", () => {
    const [one, two] = [new WorkerPool({ hubId: "a" }), new WorkerPool({ hubId: "b" })];
    one.add(createWorker("w-a").link, [every]);
    two.add(createWorker("w-b").link, [every]);
    one.setElsewhere("b", two.here());
    two.setElsewhere("a", one.here());
    const atTwo = [...one.route(robots).keys()].map(({ seq }) => seq);
    const atOne = [...two.route(robots).keys()].map(({ seq }) => seq);
    expect(atOne.filter((seq) => atTwo.includes(seq))).toEqual([]);
    expect(atOne.length + atTwo.length).toBe(robots.length);
  });

  it("come and go once, wherever else they are", () => {
    const changes: string[] = [];
    const pool = new WorkerPool({ onStatus: ({ id, status }) => void changes.push(`${id} ${status}`) });
    pool.setElsewhere("b", [remote("w")]);
    const leave = pool.add(createWorker("w").link, [latest]);
    pool.setElsewhere("b", []);
    expect(pool.list()).toEqual([{ worker_id: "w", policies: ["latest-imu"] }]);
    leave();
    expect(changes).toEqual(["w online", "w offline"]);
  });

  it("send packets that they took in to the subscription that they chose here", () => {
    const pool = createPool();
    const [one, two] = [createWorker("one"), createWorker("two")];
    pool.add(one.link, [every]);
    pool.add(two.link, [every]);
    const [id = ""] =
      pool
        .here()
        .find(({ worker_id }) => worker_id === "two")
        ?.subscriptions.map((one) => one.id) ?? [];
    pool.deliver([
      { ...received(1), to: [id, "gone/1"] },
      { ...received(2), to: [] },
    ]);
    expect(one.got).toEqual([]);
    expect(two.got.map(seqsOf)).toEqual([[1]]);
  });
});

describe("presence", () => {
  it("is told once, however many places an id is at, and ends with the last of them", () => {
    const changes: string[] = [];
    const presence = new Presence((id, status) => void changes.push(`${id} ${status}`));
    presence.come("w", "here");
    presence.come("w", "hub-b");
    presence.come("w", "hub-b");
    presence.go("w", "here");
    presence.go("w", "hub-c");
    expect(changes).toEqual(["w online"]);
    presence.go("w", "hub-b");
    presence.go("w", "hub-b");
    expect(changes).toEqual(["w online", "w offline"]);
    presence.come("w", "here");
    expect(changes).toHaveLength(3);
  });
});

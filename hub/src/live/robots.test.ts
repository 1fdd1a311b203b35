import type { Packet, RobotStatus } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { approximateBytes } from "../storable.ts";
import { Robots, type RobotsOptions } from "./robots.ts";

const packetOf = (robot_id: string, type = "imu", val = 1): Packet => ({ robot_id, robot_type: "EP01", type, val });

/** A packet as the hub took it in. */
const receivedAt = (time: number, packet: Packet) => ({ packet, receivedAt: time, bytes: approximateBytes(packet) });

function createRegistry(options: Partial<RobotsOptions> = {}) {
  const clock = { now: 1_000 };
  const changes: RobotStatus[] = [];
  const robots = new Robots<string>((status) => void changes.push(status), {
    silentAfterMs: 100,
    now: () => clock.now,
    ...options,
  });
  return { robots, clock, changes };
}

describe("the robots", () => {
  it("are online from their first packet, said once", () => {
    const { robots, changes } = createRegistry();
    robots.saw(packetOf("r1"), "relay-1", "A");
    robots.saw(packetOf("r1"), "relay-1", "A");
    expect(changes).toEqual([{ kind: "robot", id: "r1", robot_type: "EP01", status: "online", at: 1_000 }]);
  });

  it("are found by commands as soon as their relay announces them", () => {
    const { robots, changes } = createRegistry();
    robots.announce(["r1", "r2"], "relay-1", "A");
    expect(robots.relayOf("r1")).toBe("A");
    expect(robots.relayOf("r3")).toBeUndefined();
    expect(changes).toEqual([]);
    expect(robots.list()).toMatchObject([
      { robot_id: "r1", status: "offline", relay_id: "relay-1", robot_type: undefined, last_seen: undefined },
      { robot_id: "r2" },
    ]);
  });

  it("go silent when they say nothing, and come back", () => {
    const { robots, clock, changes } = createRegistry();
    robots.saw(packetOf("r1"), "relay-1", "A");
    clock.now += 100;
    robots.tick();
    expect(changes).toHaveLength(1);
    clock.now += 1;
    robots.tick();
    robots.tick();
    robots.saw(packetOf("r1"), "relay-1", "A");
    expect(changes.map((change) => change.status)).toEqual(["online", "silent", "online"]);
    expect(changes[1]?.at).toBe(1_101);
  });

  it("go with their relay", () => {
    const { robots, changes } = createRegistry();
    robots.saw(packetOf("r1"), "relay-1", "A");
    robots.saw(packetOf("r2"), "relay-2", "B");
    robots.relayLeft("A");
    expect(changes.at(-1)).toMatchObject({ id: "r1", status: "offline" });
    expect(changes).toHaveLength(3);
    expect(robots.relayOf("r1")).toBeUndefined();
    expect(robots.relayOf("r2")).toBe("B");
  });

  it("stay when their relay's old connection ends after its new one began", () => {
    const { robots, changes } = createRegistry();
    robots.saw(packetOf("r1"), "relay-1", "old");
    robots.announce(["r1"], "relay-1", "new");
    robots.relayLeft("old");
    expect(robots.relayOf("r1")).toBe("new");
    expect(changes.map((change) => change.status)).toEqual(["online"]);
  });

  it("show the newest value of each type, and when it came", () => {
    const { robots } = createRegistry();
    robots.remember(receivedAt(10, packetOf("r1", "imu", 1)));
    robots.remember(receivedAt(11, packetOf("r1", "battery", 87)));
    robots.remember(receivedAt(12, packetOf("r1", "imu", 2)));
    expect([...robots.snapshot()]).toEqual([
      { ...packetOf("r1", "imu", 2), received_at: 12 },
      { ...packetOf("r1", "battery", 87), received_at: 11 },
    ]);
    expect(robots.list()[0]?.data_types).toEqual(["imu", "battery"]);
  });

  it("say how they stand, and since when", () => {
    const { robots, clock } = createRegistry();
    robots.saw(packetOf("r1"), "relay-1", "A");
    clock.now += 50;
    robots.saw(packetOf("r1"), "relay-1", "A");
    robots.announce(["r2"], "relay-1", "A");
    expect([...robots.statuses()]).toEqual([
      { kind: "robot", id: "r1", robot_type: "EP01", status: "online", at: 1_000 },
      { kind: "robot", id: "r2", status: "offline", at: 1_050 },
    ]);
  });

  it("keep a bounded number of types each", () => {
    const { robots } = createRegistry({ maxTypesPerRobot: 2 });
    for (const type of ["a", "b", "c"]) robots.remember(receivedAt(0, packetOf("r1", type)));
    robots.remember(receivedAt(0, packetOf("r1", "a", 2)));
    expect([...robots.snapshot()].map(({ type, val }) => [type, val])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
  });

  it("are a bounded number: those that are offline longest go first", () => {
    const { robots } = createRegistry({ maxRobots: 2 });
    robots.saw(packetOf("r1"), "relay-1", "A");
    robots.announce(["r2"], "relay-1", "A");
    robots.saw(packetOf("r3"), "relay-1", "A");
    expect(robots.list().map((robot) => robot.robot_id)).toEqual(["r1", "r3"]);
  });
});

describe("a full register", () => {
  it("takes in no robot more while nobody is offline, and tells nobody of it", () => {
    const { robots, changes } = createRegistry({ maxRobots: 2 });
    for (const id of ["r1", "r2", "r3", "r3"]) robots.saw(packetOf(id), "relay-1", "A");
    robots.remember(receivedAt(1, packetOf("r3")));
    expect(robots.list().map((robot) => robot.robot_id)).toEqual(["r1", "r2"]);
    expect(changes).toHaveLength(2);
    robots.relayLeft("A");
    robots.tick();
    robots.saw(packetOf("r3"), "relay-2", "B");
    expect(robots.list().map((robot) => robot.robot_id)).toEqual(["r2", "r3"]);
  });

  it("keeps a bounded amount of newest values, and has room again when a robot is forgotten", () => {
    const { robots } = createRegistry({ maxRobots: 3, maxBytes: 3_000 });
    const large = (id: string) => ({ ...packetOf(id), val: "x".repeat(1_000) });
    for (const id of ["r1", "r2", "r3"]) robots.remember(receivedAt(1, large(id)));
    const remembered = () => [...robots.snapshot()].map(({ robot_id }) => robot_id);
    expect(remembered()).toEqual(["r1", "r2"]);
    robots.remember(receivedAt(2, large("r1")));
    expect(remembered()).toEqual(["r1", "r2"]);
    robots.remember(receivedAt(3, large("r4")));
    expect(remembered()).toEqual(["r2", "r4"]);
  });
});

describe("robots of other hubs", () => {
  const remote = (status: "online" | "silent" | "offline", robot_id = "r1") => ({
    robot_id,
    robot_type: "EP01",
    status,
    relay_id: "relay-far",
    last_seen: 900,
    data_types: ["odom"],
  });

  it("stand as their hub says, and are offline when that is gone", () => {
    const { robots, changes } = createRegistry();
    robots.setElsewhere("b", [remote("online")]);
    robots.setElsewhere("b", [remote("online")]);
    expect(robots.list()).toEqual([
      {
        robot_id: "r1",
        robot_type: "EP01",
        status: "online",
        relay_id: "relay-far",
        last_seen: 900,
        data_types: ["odom"],
      },
    ]);
    expect([robots.relayOf("r1"), robots.hubOf("r1")]).toEqual([undefined, "b"]);
    robots.setElsewhere("b", [remote("silent")]);
    robots.setElsewhere("b", []);
    expect(changes.map((change) => change.status)).toEqual(["online", "silent", "offline"]);
    expect(robots.hubOf("r1")).toBeUndefined();
  });

  it("may move between hubs, in whichever order these say so, without going offline", () => {
    const { robots, changes } = createRegistry();
    robots.saw(packetOf("r1"), "relay-1", "A");
    robots.setElsewhere("b", [remote("online")]);
    robots.relayLeft("A");
    robots.setElsewhere("c", [remote("online")]);
    robots.setElsewhere("b", []);
    expect(changes.map((change) => change.status)).toEqual(["online"]);
    expect(robots.hubOf("r1")).toBe("c");
  });

  it("are asked through this hub's relay unless another hears them better", () => {
    const { robots, clock } = createRegistry();
    robots.setElsewhere("b", [remote("silent")]);
    robots.setElsewhere("c", [remote("online")]);
    expect(robots.hubOf("r1")).toBe("c");
    robots.saw(packetOf("r1"), "relay-1", "A");
    expect(robots.hubOf("r1")).toBeUndefined();
    clock.now += 101;
    robots.tick();
    expect(robots.hubOf("r1")).toBe("c");
  });

  it("are not told on: a hub speaks only of its own", () => {
    const { robots } = createRegistry();
    robots.setElsewhere("b", [remote("online")]);
    robots.remember(receivedAt(5, packetOf("r1")), false);
    robots.saw(packetOf("r2"), "relay-2", "A");
    robots.remember(receivedAt(6, packetOf("r2")));
    expect(robots.here()).toEqual([
      {
        robot_id: "r2",
        robot_type: "EP01",
        status: "online",
        relay_id: "relay-2",
        last_seen: 1_000,
        data_types: ["imu"],
      },
    ]);
    expect([...robots.newestHere()]).toEqual([{ packet: packetOf("r2"), received_at: 6 }]);
  });

  it("show what their hub remembers, unless something newer is known", () => {
    const { robots } = createRegistry();
    expect(robots.recall({ packet: packetOf("r1", "imu", 1), received_at: 5 })).toBe(true);
    robots.remember(receivedAt(7, packetOf("r1", "imu", 2)));
    expect(robots.recall({ packet: packetOf("r1", "imu", 3), received_at: 6 })).toBe(false);
    expect([...robots.snapshot()].map(({ val }) => val)).toEqual([2]);
  });
});

import type { Packet, RobotStatus } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { createRobots, type RobotsOptions } from "./robots.ts";

const packetOf = (robot_id: string, type = "imu", val = 1): Packet => ({ robot_id, robot_type: "EP01", type, val });

function createRegistry(options: Partial<RobotsOptions> = {}) {
  const clock = { now: 1_000 };
  const changes: RobotStatus[] = [];
  const robots = createRobots<string>((status) => void changes.push(status), {
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
    robots.remember(packetOf("r1", "imu", 1), 10);
    robots.remember(packetOf("r1", "battery", 87), 11);
    robots.remember(packetOf("r1", "imu", 2), 12);
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
    for (const type of ["a", "b", "c"]) robots.remember(packetOf("r1", type), 0);
    robots.remember(packetOf("r1", "a", 2), 0);
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

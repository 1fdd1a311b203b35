/** The robots of all hubs: which relay or hub has each, whether they speak, and the newest value of each data type. */
import type { Packet, RobotStatus } from "@physical-ai/unity-protocol";
import type { NewestValue, RemoteRobot } from "../../cluster/messages.ts";
import { createNewestValues, type NewestValuesOptions } from "./newest-values.ts";
import { createRobot, hubOf, type Robot, type RobotView, remoteRobotOf, statusOf, viewOf } from "./robot.ts";
import { bestStanding } from "./standing.ts";

/** Keeps an eye on robots. `Relay` is how its owner reaches one. */
export interface Robots<Relay> {
  /** A relay says which robots are beside it. */
  announce(robotIds: readonly string[], relayId: string, relay: Relay): void;
  /** A packet came. */
  saw(packet: Packet, relayId: string, relay: Relay): void;
  /** A value to show to new viewers. `here`: this hub took it in. */
  remember(packet: Packet, receivedAt: number, here?: boolean): void;
  /** A value that another hub remembers. Returns false when a newer one is known. */
  recall(value: NewestValue): boolean;
  /** The type that its last packet said. */
  typeOf(robotId: string): string | undefined;
  /** The relay of this hub that has the robot. */
  relayOf(robotId: string): Relay | undefined;
  /** The hub that has the robot's relay, where no relay of this one has it or knows it better. */
  hubOf(robotId: string): string | undefined;
  /** The relay is gone, and its robots with it. */
  relayLeft(relay: Relay): void;
  /** The robots of another hub, all of them; none when it is gone. */
  setElsewhere(hubId: string, robots: readonly RemoteRobot[]): void;
  /** The robots whose relays are here, for other hubs. */
  here(): RemoteRobot[];
  /** The newest value of each robot and type, with the hub's time of reception. */
  snapshot(): Iterable<Packet & { received_at: number }>;
  /** Of these those that this hub took in, for other hubs. */
  newestHere(): Iterable<NewestValue>;
  /** How each robot stands. */
  statuses(): Iterable<RobotStatus>;
  list(): RobotView[];
  /** Notices who has gone silent; to be called about every second. */
  tick(): void;
}

/** Bounds and patience. */
export interface RobotsOptions extends NewestValuesOptions {
  silentAfterMs: number;
  /** Robots that are offline are forgotten, oldest first, beyond this; where none is, new ones are not taken in. */
  maxRobots: number;
  now?: () => number;
}

const defaults: RobotsOptions = {
  silentAfterMs: 5_000,
  maxRobots: 10_000,
  maxTypesPerRobot: 200,
  maxBytes: 64_000_000,
};

/** Makes an empty registry. `onStatus` is told of every change. */
export function createRobots<Relay>(
  onStatus: (status: RobotStatus) => void,
  options: Partial<RobotsOptions> = {},
): Robots<Relay> {
  const settings = { ...defaults, ...options };
  const { silentAfterMs, maxRobots, now = Date.now } = settings;
  const robots = new Map<string, Robot<Relay>>();
  const createValues = createNewestValues(settings);
  /** Nobody could be forgotten, until the next tick: looking for someone takes time. */
  let full = false;

  function find(id: string): Robot<Relay> | undefined {
    const known = robots.get(id);
    if (known !== undefined) return known;
    if (robots.size >= maxRobots) {
      full ||= !forgetOneOffline();
      if (full) return undefined;
    }
    const robot = createRobot<Relay>(id, createValues(), now());
    robots.set(id, robot);
    return robot;
  }

  function forgetOneOffline(): boolean {
    for (const [id, robot] of robots) {
      if (robot.status !== "offline") continue;
      robot.newest.clear();
      robots.delete(id);
      return true;
    }
    return false;
  }

  function tell(robot: Robot<Relay>): void {
    const { status } = bestStanding(robot.here, robot.elsewhere.values());
    if (robot.status === status) return;
    robot.status = status;
    robot.statusSince = now();
    onStatus(statusOf(robot));
  }

  function become(robot: Robot<Relay>, status: RobotStatus["status"]): void {
    if (robot.here.status === status) return;
    robot.here.status = status;
    tell(robot);
  }

  return {
    announce(robotIds, relayId, relay) {
      for (const id of robotIds) {
        const robot = find(id);
        if (robot === undefined) continue;
        robot.relay = relay;
        robot.here.relayId = relayId;
      }
    },
    saw(packet, relayId, relay) {
      const robot = find(packet.robot_id);
      if (robot === undefined) return;
      robot.relay = relay;
      robot.robotType = packet.robot_type;
      robot.here.relayId = relayId;
      robot.here.lastSeen = now();
      become(robot, "online");
    },
    remember(packet, receivedAt, here = true) {
      find(packet.robot_id)?.newest.remember(packet, receivedAt, here);
    },
    recall: (value) => find(value.packet.robot_id)?.newest.recall(value) ?? true,
    typeOf: (robotId) => robots.get(robotId)?.robotType,
    relayOf: (robotId) => robots.get(robotId)?.relay,
    hubOf(robotId) {
      const robot = robots.get(robotId);
      return robot === undefined ? undefined : hubOf(robot);
    },
    relayLeft(relay) {
      for (const robot of robots.values()) {
        if (robot.relay !== relay) continue;
        robot.relay = undefined;
        become(robot, "offline");
      }
    },
    setElsewhere(hubId, remote) {
      const there = new Map(remote.map((robot) => [robot.robot_id, robot]));
      for (const robot of robots.values()) {
        if (!there.has(robot.id) && robot.elsewhere.delete(hubId)) tell(robot);
      }
      for (const { robot_id, robot_type, status, relay_id, last_seen, data_types } of there.values()) {
        const robot = find(robot_id);
        if (robot === undefined) continue;
        robot.robotType ??= robot_type;
        robot.elsewhere.set(hubId, { status, relayId: relay_id, lastSeen: last_seen, dataTypes: data_types });
        tell(robot);
      }
    },
    here: () => [...robots.values()].flatMap((robot) => (robot.relay === undefined ? [] : remoteRobotOf(robot))),
    *snapshot() {
      for (const { newest } of robots.values()) {
        for (const { packet, receivedAt } of newest.all()) yield { ...packet, received_at: receivedAt };
      }
    },
    *newestHere() {
      for (const { newest } of robots.values()) {
        for (const { packet, receivedAt, here } of newest.all()) if (here) yield { packet, received_at: receivedAt };
      }
    },
    *statuses() {
      for (const robot of robots.values()) yield statusOf(robot);
    },
    list: () => [...robots.values()].map(viewOf),
    tick() {
      full = false;
      const quietSince = now() - silentAfterMs;
      for (const robot of robots.values()) {
        if (robot.here.status === "online" && (robot.here.lastSeen ?? 0) < quietSince) become(robot, "silent");
      }
    },
  };
}

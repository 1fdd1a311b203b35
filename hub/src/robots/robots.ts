/** The robots of all hubs: which relay or hub has each, whether they speak, and the newest value of each data type. */
import type { Packet, RobotStatus } from "@physical-ai/unity-protocol";
import type { NewestValue, RemoteRobot } from "../cluster/messages.ts";
import { approximateBytes } from "../value-size.ts";
import { bestStanding, type Standing, standsBetter } from "./standing.ts";

/** What the hub knows of a robot. */
export interface RobotView {
  robot_id: string;
  robot_type: string | undefined;
  status: RobotStatus["status"];
  relay_id: string | undefined;
  /** Epoch milliseconds of its last packet. */
  last_seen: number | undefined;
  data_types: string[];
}

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

interface Robot<Relay> {
  id: string;
  robotType: string | undefined;
  relay: Relay | undefined;
  here: Standing;
  /** By hub. */
  elsewhere: Map<string, Standing & { dataTypes: readonly string[] }>;
  newest: Map<string, { packet: Packet; bytes: number; receivedAt: number; here: boolean }>;
  /** What viewers were told, and when. */
  status: RobotStatus["status"];
  statusSince: number;
}

/** Bounds and patience. */
export interface RobotsOptions {
  silentAfterMs: number;
  /** Robots that are offline are forgotten, oldest first, beyond this; where none is, new ones are not taken in. */
  maxRobots: number;
  maxTypesPerRobot: number;
  /** Of all newest values together. */
  maxBytes: number;
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
  const { silentAfterMs, maxRobots, maxTypesPerRobot, maxBytes, now = Date.now } = { ...defaults, ...options };
  const robots = new Map<string, Robot<Relay>>();
  let bytesOfNewest = 0;
  /** Nobody could be forgotten, until the next tick: looking for someone takes time. */
  let full = false;

  function find(id: string): Robot<Relay> | undefined {
    const known = robots.get(id);
    if (known !== undefined) return known;
    if (robots.size >= maxRobots) {
      full ||= !forgetOneOffline();
      if (full) return undefined;
    }
    const robot: Robot<Relay> = {
      id,
      robotType: undefined,
      relay: undefined,
      here: { status: "offline", relayId: undefined, lastSeen: undefined },
      elsewhere: new Map(),
      newest: new Map(),
      status: "offline",
      statusSince: now(),
    };
    robots.set(id, robot);
    return robot;
  }

  function forgetOneOffline(): boolean {
    for (const [id, robot] of robots) {
      if (robot.status !== "offline") continue;
      for (const { bytes } of robot.newest.values()) bytesOfNewest -= bytes;
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

  function remember(packet: Packet, receivedAt: number, here = true): void {
    const newest = find(packet.robot_id)?.newest;
    const known = newest?.get(packet.type);
    if (newest === undefined || (known === undefined && newest.size >= maxTypesPerRobot)) return;
    const bytes = approximateBytes(packet);
    bytesOfNewest -= known?.bytes ?? 0;
    if (bytesOfNewest + bytes > maxBytes) {
      newest.delete(packet.type);
      return;
    }
    newest.set(packet.type, { packet, bytes, receivedAt, here });
    bytesOfNewest += bytes;
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
    remember,
    recall({ packet, received_at: receivedAt }) {
      const known = robots.get(packet.robot_id)?.newest.get(packet.type);
      if (known !== undefined && known.receivedAt >= receivedAt) return false;
      remember(packet, receivedAt, false);
      return true;
    },
    typeOf: (robotId) => robots.get(robotId)?.robotType,
    relayOf: (robotId) => robots.get(robotId)?.relay,
    hubOf(robotId) {
      const robot = robots.get(robotId);
      if (robot === undefined) return undefined;
      let best: Standing | undefined = robot.relay === undefined ? undefined : robot.here;
      let bestHub: string | undefined;
      for (const [hubId, standing] of robot.elsewhere) {
        if (best !== undefined && !standsBetter(standing, best)) continue;
        best = standing;
        bestHub = hubId;
      }
      return bestHub;
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
        for (const { packet, receivedAt } of newest.values()) yield { ...packet, received_at: receivedAt };
      }
    },
    *newestHere() {
      for (const { newest } of robots.values()) {
        for (const { packet, receivedAt, here } of newest.values()) if (here) yield { packet, received_at: receivedAt };
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

function statusOf({ id, robotType, status, statusSince }: Robot<unknown>): RobotStatus {
  const change: RobotStatus = { kind: "robot", id, status, at: statusSince };
  return robotType === undefined ? change : { ...change, robot_type: robotType };
}

function viewOf({ id, robotType, here, elsewhere, newest, status }: Robot<unknown>): RobotView {
  const { relayId, lastSeen } = bestStanding(here, elsewhere.values());
  return {
    robot_id: id,
    robot_type: robotType,
    status,
    relay_id: relayId,
    last_seen: lastSeen,
    data_types: [...new Set([...newest.keys(), ...[...elsewhere.values()].flatMap(({ dataTypes }) => dataTypes)])],
  };
}

function remoteRobotOf({ id, robotType, here, newest }: Robot<unknown>): RemoteRobot {
  const { status, relayId = "", lastSeen } = here;
  return {
    robot_id: id,
    ...(robotType === undefined ? {} : { robot_type: robotType }),
    status,
    relay_id: relayId,
    ...(lastSeen === undefined ? {} : { last_seen: lastSeen }),
    data_types: [...newest.keys()],
  };
}

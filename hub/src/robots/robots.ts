/** The robots: which relay has each, whether they speak, and the newest value of each data type. */
import type { Packet, RobotStatus } from "@physical-ai/unity-protocol";

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
  /** A value to show to new viewers. */
  remember(packet: Packet, receivedAt: number): void;
  relayOf(robotId: string): Relay | undefined;
  /** The relay is gone, and its robots with it. */
  relayLeft(relay: Relay): void;
  /** The newest value of each robot and type, with the hub's time of reception. */
  snapshot(): Iterable<Packet & { received_at: number }>;
  /** How each robot stands. */
  statuses(): Iterable<RobotStatus>;
  list(): RobotView[];
  /** Notices who has gone silent; to be called about every second. */
  tick(): void;
}

interface Robot<Relay> {
  id: string;
  robotType: string | undefined;
  status: RobotStatus["status"];
  relay: Relay | undefined;
  relayId: string | undefined;
  lastSeen: number | undefined;
  newest: Map<string, { packet: Packet; receivedAt: number }>;
  statusSince: number;
}

/** Bounds and patience. */
export interface RobotsOptions {
  silentAfterMs: number;
  /** Robots that are offline are forgotten, oldest first, beyond this. */
  maxRobots: number;
  maxTypesPerRobot: number;
  now?: () => number;
}

const defaults: RobotsOptions = { silentAfterMs: 5_000, maxRobots: 10_000, maxTypesPerRobot: 200 };

/** Makes an empty registry. `onStatus` is told of every change. */
export function createRobots<Relay>(
  onStatus: (status: RobotStatus) => void,
  options: Partial<RobotsOptions> = {},
): Robots<Relay> {
  const { silentAfterMs, maxRobots, maxTypesPerRobot, now = Date.now } = { ...defaults, ...options };
  const robots = new Map<string, Robot<Relay>>();

  function find(id: string): Robot<Relay> {
    const known = robots.get(id);
    if (known !== undefined) return known;
    if (robots.size >= maxRobots) forgetOneOffline();
    const robot: Robot<Relay> = {
      id,
      robotType: undefined,
      status: "offline",
      relay: undefined,
      relayId: undefined,
      lastSeen: undefined,
      newest: new Map(),
      statusSince: now(),
    };
    robots.set(id, robot);
    return robot;
  }

  function forgetOneOffline(): void {
    for (const [id, robot] of robots) {
      if (robot.status !== "offline") continue;
      robots.delete(id);
      return;
    }
  }

  function become(robot: Robot<Relay>, status: RobotStatus["status"]): void {
    if (robot.status === status) return;
    robot.status = status;
    robot.statusSince = now();
    onStatus(statusOf(robot));
  }

  return {
    announce(robotIds, relayId, relay) {
      for (const id of robotIds) Object.assign(find(id), { relay, relayId });
    },
    saw(packet, relayId, relay) {
      const robot = find(packet.robot_id);
      robot.relay = relay;
      robot.relayId = relayId;
      robot.robotType = packet.robot_type;
      robot.lastSeen = now();
      become(robot, "online");
    },
    remember(packet, receivedAt) {
      const { newest } = find(packet.robot_id);
      if (newest.size >= maxTypesPerRobot && !newest.has(packet.type)) return;
      newest.set(packet.type, { packet, receivedAt });
    },
    relayOf: (robotId) => robots.get(robotId)?.relay,
    relayLeft(relay) {
      for (const robot of robots.values()) {
        if (robot.relay !== relay) continue;
        robot.relay = undefined;
        become(robot, "offline");
      }
    },
    *snapshot() {
      for (const { newest } of robots.values()) {
        for (const { packet, receivedAt } of newest.values()) yield { ...packet, received_at: receivedAt };
      }
    },
    *statuses() {
      for (const robot of robots.values()) yield statusOf(robot);
    },
    list: () =>
      [...robots.values()].map((robot) => ({
        robot_id: robot.id,
        robot_type: robot.robotType,
        status: robot.status,
        relay_id: robot.relayId,
        last_seen: robot.lastSeen,
        data_types: [...robot.newest.keys()],
      })),
    tick() {
      const quietSince = now() - silentAfterMs;
      for (const robot of robots.values()) {
        if (robot.status === "online" && (robot.lastSeen ?? 0) < quietSince) become(robot, "silent");
      }
    },
  };
}

function statusOf({ id, robotType, status, statusSince }: Robot<unknown>): RobotStatus {
  const change: RobotStatus = { kind: "robot", id, status, at: statusSince };
  return robotType === undefined ? change : { ...change, robot_type: robotType };
}

/** The robots of all hubs: which relay or hub has each, whether they speak, and the newest value of each data type. */
import type { Packet, RobotStatus } from "@physical-ai/unity-protocol";
import type { HubPacket } from "../packet.ts";
import { approximateBytes } from "../storable.ts";
import { type NewestValue, NewestValues, ValueBudget } from "./newest-values.ts";
import { bestHub, bestStanding, type Standing } from "./robot-standing.ts";

/** A robot as people read it. */
export interface RobotView {
  robot_id: string;
  robot_type: string | undefined;
  status: RobotStatus["status"];
  relay_id: string | undefined;
  /** Epoch milliseconds of its last packet. */
  last_seen: number | undefined;
  data_types: string[];
}

/** A robot as hubs tell each other: its relay is connected to the hub that says so. */
export interface RemoteRobot {
  robot_id: string;
  robot_type?: string;
  /** `offline`: its relay is there, but the robot has not spoken. */
  status: RobotStatus["status"];
  relay_id: string;
  /** Epoch milliseconds of its last packet. */
  last_seen?: number;
  data_types: string[];
}

/** Bounds and patience. */
export interface RobotsOptions {
  silentAfterMs: number;
  /** Robots that are offline are forgotten, oldest first, beyond this; where none is, new ones are not taken in. */
  maxRobots: number;
  maxTypesPerRobot: number;
  /** Of the newest values of all robots together. */
  maxBytes: number;
  now?: () => number;
}

const defaults: RobotsOptions = {
  silentAfterMs: 5_000,
  maxRobots: 10_000,
  maxTypesPerRobot: 200,
  maxBytes: 64_000_000,
};

/** `Relay` is how the registry's owner reaches one. */
interface Robot<Relay> {
  readonly id: string;
  /** As its last packet said. */
  robotType: string | undefined;
  /** The relay of this hub that has it. */
  relay: Relay | undefined;
  readonly here: Standing;
  /** By hub. */
  readonly elsewhere: Map<string, Standing & { dataTypes: readonly string[] }>;
  readonly newest: NewestValues;
  /** What viewers were told, and when. */
  status: RobotStatus["status"];
  statusSince: number;
}

export class Robots<Relay> {
  readonly #onStatus: (status: RobotStatus) => void;
  readonly #options: RobotsOptions;
  readonly #now: () => number;
  readonly #budget: ValueBudget;
  readonly #robots = new Map<string, Robot<Relay>>();
  /** Nobody could be forgotten, until the next tick: looking for someone takes time. */
  #full = false;

  /** @param onStatus is told of every change */
  constructor(onStatus: (status: RobotStatus) => void, options: Partial<RobotsOptions> = {}) {
    this.#onStatus = onStatus;
    this.#options = { ...defaults, ...options };
    this.#now = options.now ?? Date.now;
    this.#budget = new ValueBudget(this.#options.maxBytes);
  }

  /** A relay says which robots are beside it. */
  announce(robotIds: readonly string[], relayId: string, relay: Relay): void {
    for (const id of robotIds) {
      const robot = this.#find(id);
      if (robot === undefined) continue;
      robot.relay = relay;
      robot.here.relayId = relayId;
    }
  }

  /** A packet came. */
  saw(packet: Packet, relayId: string, relay: Relay): void {
    const robot = this.#find(packet.robot_id);
    if (robot === undefined) return;
    robot.relay = relay;
    robot.robotType = packet.robot_type;
    robot.here.relayId = relayId;
    robot.here.lastSeen = this.#now();
    this.#become(robot, "online");
  }

  /** A value to show to new viewers. `here`: this hub took it in. */
  remember({ packet, receivedAt, bytes }: Pick<HubPacket, "packet" | "receivedAt" | "bytes">, here = true): void {
    this.#find(packet.robot_id)?.newest.remember({ packet, receivedAt, bytes, here });
  }

  /** A value that another hub remembers. Returns false when a newer one is known. */
  recall({ packet, received_at: receivedAt }: NewestValue): boolean {
    const robot = this.#find(packet.robot_id);
    return robot?.newest.recall({ packet, receivedAt, bytes: approximateBytes(packet) }) ?? true;
  }

  /** The type that its last packet said. */
  typeOf(robotId: string): string | undefined {
    return this.#robots.get(robotId)?.robotType;
  }

  /** The relay of this hub that has the robot. */
  relayOf(robotId: string): Relay | undefined {
    return this.#robots.get(robotId)?.relay;
  }

  /** The hub that has the robot's relay, where no relay of this one has it or knows it better. */
  hubOf(robotId: string): string | undefined {
    const robot = this.#robots.get(robotId);
    if (robot === undefined) return undefined;
    return bestHub(robot.relay === undefined ? undefined : robot.here, robot.elsewhere);
  }

  /** The relay is gone, and its robots with it. */
  relayLeft(relay: Relay): void {
    for (const robot of this.#robots.values()) {
      if (robot.relay !== relay) continue;
      robot.relay = undefined;
      this.#become(robot, "offline");
    }
  }

  /** The robots of another hub, all of them; none when it is gone. */
  setElsewhere(hubId: string, remote: readonly RemoteRobot[]): void {
    const there = new Map(remote.map((robot) => [robot.robot_id, robot]));
    for (const robot of this.#robots.values()) {
      if (!there.has(robot.id) && robot.elsewhere.delete(hubId)) this.#tell(robot);
    }
    for (const { robot_id, robot_type, status, relay_id, last_seen, data_types } of there.values()) {
      const robot = this.#find(robot_id);
      if (robot === undefined) continue;
      robot.robotType ??= robot_type;
      robot.elsewhere.set(hubId, { status, relayId: relay_id, lastSeen: last_seen, dataTypes: data_types });
      this.#tell(robot);
    }
  }

  /** The robots whose relays are here, for other hubs. */
  here(): RemoteRobot[] {
    return [...this.#robots.values()].flatMap((robot) => (robot.relay === undefined ? [] : remoteRobotOf(robot)));
  }

  /** The newest value of each robot and type, with the hub's time of reception. */
  *snapshot(): Iterable<Packet & { received_at: number }> {
    for (const { newest } of this.#robots.values()) {
      for (const { packet, receivedAt } of newest.all()) yield { ...packet, received_at: receivedAt };
    }
  }

  /** Of these those that this hub took in, for other hubs. */
  *newestHere(): Iterable<NewestValue> {
    for (const { newest } of this.#robots.values()) {
      for (const { packet, receivedAt, here } of newest.all()) if (here) yield { packet, received_at: receivedAt };
    }
  }

  /** How each robot stands. */
  *statuses(): Iterable<RobotStatus> {
    for (const robot of this.#robots.values()) yield statusOf(robot);
  }

  list(): RobotView[] {
    return [...this.#robots.values()].map(viewOf);
  }

  /** Notices who has gone silent; to be called about every second. */
  tick(): void {
    this.#full = false;
    const quietSince = this.#now() - this.#options.silentAfterMs;
    for (const robot of this.#robots.values()) {
      if (robot.here.status === "online" && (robot.here.lastSeen ?? 0) < quietSince) this.#become(robot, "silent");
    }
  }

  #find(id: string): Robot<Relay> | undefined {
    const known = this.#robots.get(id);
    if (known !== undefined) return known;
    if (this.#robots.size >= this.#options.maxRobots) {
      this.#full ||= !this.#forgetOneOffline();
      if (this.#full) return undefined;
    }
    const robot: Robot<Relay> = {
      id,
      robotType: undefined,
      relay: undefined,
      here: { status: "offline", relayId: undefined, lastSeen: undefined },
      elsewhere: new Map(),
      newest: new NewestValues(this.#budget, this.#options.maxTypesPerRobot),
      status: "offline",
      statusSince: this.#now(),
    };
    this.#robots.set(id, robot);
    return robot;
  }

  #forgetOneOffline(): boolean {
    for (const [id, robot] of this.#robots) {
      if (robot.status !== "offline") continue;
      robot.newest.clear();
      this.#robots.delete(id);
      return true;
    }
    return false;
  }

  #become(robot: Robot<Relay>, status: RobotStatus["status"]): void {
    if (robot.here.status === status) return;
    robot.here.status = status;
    this.#tell(robot);
  }

  #tell(robot: Robot<Relay>): void {
    const { status } = bestStanding(robot.here, robot.elsewhere.values());
    if (robot.status === status) return;
    robot.status = status;
    robot.statusSince = this.#now();
    this.#onStatus(statusOf(robot));
  }
}

/** For viewers. */
function statusOf({ id, robotType, status, statusSince }: Robot<unknown>): RobotStatus {
  const change: RobotStatus = { kind: "robot", id, status, at: statusSince };
  return robotType === undefined ? change : { ...change, robot_type: robotType };
}

/** For people. */
function viewOf({ id, robotType, here, elsewhere, newest, status }: Robot<unknown>): RobotView {
  const { relayId, lastSeen } = bestStanding(here, elsewhere.values());
  return {
    robot_id: id,
    robot_type: robotType,
    status,
    relay_id: relayId,
    last_seen: lastSeen,
    data_types: [...new Set([...newest.types(), ...[...elsewhere.values()].flatMap(({ dataTypes }) => dataTypes)])],
  };
}

/** For other hubs: only what this one knows by itself. */
function remoteRobotOf({ id, robotType, here, newest }: Robot<unknown>): RemoteRobot {
  const { status, relayId = "", lastSeen } = here;
  return {
    robot_id: id,
    ...(robotType === undefined ? {} : { robot_type: robotType }),
    status,
    relay_id: relayId,
    ...(lastSeen === undefined ? {} : { last_seen: lastSeen }),
    data_types: [...newest.types()],
  };
}

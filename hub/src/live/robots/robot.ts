/** What is known of one robot: how it stands at each hub, and its newest values. */
import type { RobotStatus } from "@physical-ai/unity-protocol";
import type { RemoteRobot } from "../../cluster/messages.ts";
import type { NewestValues } from "./newest-values.ts";
import { bestStanding, type Standing, standsBetter } from "./standing.ts";

/** `Relay` is how this hub reaches one. */
export interface Robot<Relay> {
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

/** Makes one that nobody has heard of. `at`: now, epoch milliseconds. */
export function createRobot<Relay>(id: string, newest: NewestValues, at: number): Robot<Relay> {
  return {
    id,
    robotType: undefined,
    relay: undefined,
    here: { status: "offline", relayId: undefined, lastSeen: undefined },
    elsewhere: new Map(),
    newest,
    status: "offline",
    statusSince: at,
  };
}

/** The hub that has the robot's relay, where no relay of this one has it or knows it better. */
export function hubOf({ relay, here, elsewhere }: Robot<unknown>): string | undefined {
  let best = relay === undefined ? undefined : here;
  let bestHub: string | undefined;
  for (const [hubId, standing] of elsewhere) {
    if (best !== undefined && !standsBetter(standing, best)) continue;
    best = standing;
    bestHub = hubId;
  }
  return bestHub;
}

/** For viewers. */
export function statusOf({ id, robotType, status, statusSince }: Robot<unknown>): RobotStatus {
  const change: RobotStatus = { kind: "robot", id, status, at: statusSince };
  return robotType === undefined ? change : { ...change, robot_type: robotType };
}

/** For people. */
export function viewOf({ id, robotType, here, elsewhere, newest, status }: Robot<unknown>): RobotView {
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
export function remoteRobotOf({ id, robotType, here, newest }: Robot<unknown>): RemoteRobot {
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

/** How a robot stands at one hub, and which of several hubs knows best. */
import type { RobotStatus } from "@physical-ai/unity-protocol";

/** How one hub sees a robot. */
export interface Standing {
  status: RobotStatus["status"];
  relayId: string | undefined;
  /** Epoch milliseconds of its last packet. */
  lastSeen: number | undefined;
}

const rank = { offline: 0, silent: 1, online: 2 } as const;

/** True when `one` is better than `other`: equal ones are not, so that a robot does not move between them. */
function standsBetter(one: Standing, other: Standing): boolean {
  return rank[one.status] > rank[other.status];
}

/**
 * The one that counts. Of equal ones it is this hub's, unless that has no relay for the robot.
 *
 * @param here this hub's own
 */
export function bestStanding(here: Standing, elsewhere: Iterable<Standing>): Standing {
  let best = here;
  for (const standing of elsewhere) if (best.relayId === undefined || standsBetter(standing, best)) best = standing;
  return best;
}

/**
 * The other hub that knows the robot best; `undefined` where this one has its relay, and none knows it better.
 *
 * @param here this hub's own; `undefined` when it has no relay for the robot
 */
export function bestHub(here: Standing | undefined, elsewhere: Iterable<[string, Standing]>): string | undefined {
  let best = here;
  let bestHubId: string | undefined;
  for (const [hubId, standing] of elsewhere) {
    if (best !== undefined && !standsBetter(standing, best)) continue;
    best = standing;
    bestHubId = hubId;
  }
  return bestHubId;
}

/** What viewers and workers of before want at the other hubs: what nobody wants there is not sent. */
import type { Packet } from "@physical-ai/unity-protocol";
import { compileFilter, type Wants } from "../live/viewers/filter.ts";
import type { HubState } from "./messages.ts";

/** Knows what is wanted elsewhere. */
export interface Interest {
  /** A hub's state; `undefined` when the hub is gone. */
  set(hubId: string, state: HubState | undefined): void;
  wantsPacket(packet: Packet): boolean;
  /** As {@link Wants}: commands have no type. */
  viewersWant: Wants;
}

interface HubInterest {
  filters: Wants[];
  robotTypes: Set<string>;
}

/** Makes an interest in nothing. */
export function createInterest(): Interest {
  const hubs = new Map<string, HubInterest>();

  const viewersWant: Wants = (robotId, type) => {
    for (const { filters } of hubs.values()) if (filters.some((wants) => wants(robotId, type))) return true;
    return false;
  };

  return {
    set(hubId, state) {
      if (state === undefined) hubs.delete(hubId);
      else hubs.set(hubId, interestOf(state));
    },
    viewersWant,
    wantsPacket(packet) {
      if (viewersWant(packet.robot_id, packet.type)) return true;
      for (const { robotTypes } of hubs.values()) if (robotTypes.has(packet.robot_type)) return true;
      return false;
    },
  };
}

function interestOf({ viewers, workers }: HubState): HubInterest {
  return {
    filters: viewers.map(compileFilter),
    robotTypes: new Set(workers.flatMap(({ robot_type }) => robot_type ?? [])),
  };
}

/** Which other hubs are here: those whose heartbeat was heard not long ago. */
import type { HubState } from "./messages.ts";

/** Keeps the other hubs and their states. */
export interface Membership {
  /** A hub said how it stands. Returns what was known of it before. */
  heard(hubId: string, state: HubState): HubState | undefined;
  /** A hub said that it stops. Returns whether it was here. */
  left(hubId: string): boolean;
  /** Takes out those that have been silent for too long, and returns them. */
  takeSilent(): string[];
  readonly size: number;
}

/** Makes a membership without hubs. */
export function createMembership(silentAfterMs: number, now: () => number = Date.now): Membership {
  const hubs = new Map<string, { state: HubState; heardAt: number }>();
  return {
    heard(hubId, state) {
      const before = hubs.get(hubId)?.state;
      hubs.set(hubId, { state, heardAt: now() });
      return before;
    },
    left: (hubId) => hubs.delete(hubId),
    takeSilent() {
      const silent = [...hubs].filter(([, { heardAt }]) => now() - heardAt > silentAfterMs).map(([hubId]) => hubId);
      for (const hubId of silent) hubs.delete(hubId);
      return silent;
    },
    get size() {
      return hubs.size;
    },
  };
}

/** The other hubs that are here, and what is wanted at them. */
import type { Packet } from "@physical-ai/unity-protocol";
import type { HubState } from "../live/live.ts";
import { compileFilter, type Wants } from "../live/viewers.ts";

const lookEveryMs = 1_000;

/** The hubs whose heartbeat was heard not long ago, and their states. */
export class Membership {
  readonly #silentAfterMs: number;
  readonly #now: () => number;
  readonly #hubs = new Map<string, { state: HubState; heardAt: number }>();
  #lookedAt: number | undefined;

  constructor(silentAfterMs: number, now: () => number = Date.now) {
    this.#silentAfterMs = silentAfterMs;
    this.#now = now;
  }

  /** A hub said how it stands. Returns what was known of it before. */
  heard(hubId: string, state: HubState): HubState | undefined {
    const before = this.#hubs.get(hubId)?.state;
    this.#hubs.set(hubId, { state, heardAt: this.#now() });
    return before;
  }

  /** A hub said that it stops. Returns whether it was here. */
  left(hubId: string): boolean {
    return this.#hubs.delete(hubId);
  }

  /** Takes out those that have been silent for too long, and returns them; to be called about every second. */
  takeSilent(): string[] {
    const now = this.#now();
    // While this process stood still it could hear nobody: what the others said is yet to be read.
    const stoodStillMs = Math.max(0, now - (this.#lookedAt ?? now) - lookEveryMs);
    this.#lookedAt = now;
    for (const hub of this.#hubs.values()) hub.heardAt = Math.min(now, hub.heardAt + stoodStillMs);
    const silent = [...this.#hubs].filter(([, { heardAt }]) => now - heardAt > this.#silentAfterMs);
    for (const [hubId] of silent) this.#hubs.delete(hubId);
    return silent.map(([hubId]) => hubId);
  }

  get size(): number {
    return this.#hubs.size;
  }
}

/** What viewers and unrouted workers want at the other hubs: what nobody wants there is not sent. */
export class Interest {
  readonly #hubs = new Map<string, { filters: Wants[]; robotTypes: Set<string> }>();

  /** A hub's state; `undefined` when the hub is gone. */
  set(hubId: string, state: HubState | undefined): void {
    if (state === undefined) {
      this.#hubs.delete(hubId);
      return;
    }
    const filters = state.viewers.map(compileFilter);
    const robotTypes = new Set(state.workers.flatMap(({ robot_type }) => robot_type ?? []));
    this.#hubs.set(hubId, { filters, robotTypes });
  }

  wantsPacket(packet: Packet): boolean {
    if (this.viewersWant(packet.robot_id, packet.type)) return true;
    for (const { robotTypes } of this.#hubs.values()) if (robotTypes.has(packet.robot_type)) return true;
    return false;
  }

  /** As {@link Wants}: commands have no type. */
  viewersWant(robotId: string, type: string | undefined): boolean {
    for (const { filters } of this.#hubs.values()) if (filters.some((wants) => wants(robotId, type))) return true;
    return false;
  }
}

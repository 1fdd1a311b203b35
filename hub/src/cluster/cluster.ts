/**
 * The other hubs: what they must know of this one, and what they tell it.
 *
 * The hub that takes a packet in chooses the workers for it, whichever hub these are at: so no packet goes to two.
 */
import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import type { CommandUpdate, Packet, ViewerFilter } from "@physical-ai/unity-protocol";
import { predictionType } from "@physical-ai/unity-protocol";
import type { ForwardedCommand } from "../commands/command.ts";
import type { HubState, OtherHubs } from "../live/live.ts";
import type { NewestValue } from "../live/newest-values.ts";
import { compileFilter } from "../live/viewers.ts";
import type { Forwards } from "../live/workers.ts";
import type { HubPacket } from "../packet.ts";
import { Interest, Membership } from "./members.ts";
import type { HubChannel, HubMessage, LivePacket } from "./messages.ts";

/** What the hub tells the others. Nothing here waits or throws. */
export interface Cluster extends OtherHubs {
  /** Returns false when the other hub cannot be reached now. */
  command(hubId: string, command: ForwardedCommand): boolean;
  /** Begins to talk and to listen. */
  begin(local: LocalHub): void;
  /** To be called about every second. */
  tick(): void;
  readonly stats: ClusterStats;
  /** Says goodbye. */
  close(): Promise<void>;
}

/** The other hubs that are here, and messages that did not get through to them. */
export interface ClusterStats {
  otherHubs: number;
  dropped: number;
}

/** What the cluster asks of its own hub, and tells it. */
export interface LocalHub {
  state(): HubState;
  newest(): Iterable<NewestValue>;
  /** How another hub stands; `undefined`: it is gone. */
  onHub(hubId: string, state: HubState | undefined): void;
  onPackets(packets: readonly LivePacket[]): void;
  onNewest(values: readonly NewestValue[]): void;
  onPrediction(packet: Packet): void;
  /** Returns where the command stands when it is known already. */
  onCommand(command: ForwardedCommand, askedBy: string): CommandUpdate | undefined;
  /** `again`: it may have been told before. */
  onCommandUpdate(update: CommandUpdate, again: boolean): void;
}

/** How long a hub may be silent before its robots and workers count as gone. */
const silentAfterMs = 3_500;
/** Changes that come together are told together. */
const gatherMs = 50;
const maxValuesPerMessage = 200;

/** A hub that is alone: there is nobody to tell. */
export const alone: Cluster = {
  hubId: "alone",
  packets: () => undefined,
  prediction: () => undefined,
  commandUpdate: () => undefined,
  command: () => false,
  changed: () => undefined,
  begin: () => undefined,
  tick: () => undefined,
  stats: { otherHubs: 0, dropped: 0 },
  close: async () => undefined,
};

/** One of several hubs. It closes the channel. */
export class ClusterMember implements Cluster {
  readonly hubId = randomUUID().slice(0, 8);
  readonly #channel: HubChannel;
  readonly #membership: Membership;
  readonly #interest = new Interest();
  #local: LocalHub | undefined;
  #announcing: NodeJS.Timeout | undefined;

  constructor(channel: HubChannel, now: () => number = Date.now) {
    this.#channel = channel;
    this.#membership = new Membership(silentAfterMs, now);
  }

  packets(received: readonly HubPacket[], forwards: Forwards): void {
    if (this.#membership.size === 0) return;
    const packets = received.flatMap((one) => {
      const to = forwards.get(one);
      return to !== undefined || this.#interest.wantsPacket(one.packet) ? livePacketOf(one, to) : [];
    });
    if (packets.length > 0) this.#channel.publish({ kind: "packets", from: this.hubId, packets });
  }

  prediction(packet: Packet): void {
    if (!this.#interest.viewersWant(packet.robot_id, predictionType)) return;
    this.#channel.publish({ kind: "prediction", from: this.hubId, packet });
  }

  commandUpdate(update: CommandUpdate, askedBy?: string): void {
    if (askedBy === undefined && !this.#interest.viewersWant(update.robot_id, undefined)) return;
    this.#channel.publish({ kind: "command_update", from: this.hubId, update });
  }

  command(to: string, command: ForwardedCommand): boolean {
    return this.#channel.publish({ kind: "command", from: this.hubId, to, command });
  }

  changed(): void {
    if (this.#local !== undefined) this.#announcing ??= setTimeout(() => this.#announce(), gatherMs);
  }

  begin(hub: LocalHub): void {
    this.#local = hub;
    this.#channel.onMessage((message) => {
      if (this.#local !== undefined && message.from !== this.hubId) this.#hear(message, hub);
    });
    this.#announce();
  }

  tick(): void {
    for (const silent of this.#membership.takeSilent()) this.#setHub(silent, undefined);
    this.#announce();
  }

  get stats(): ClusterStats {
    return { otherHubs: this.#membership.size, dropped: this.#channel.dropped };
  }

  async close(): Promise<void> {
    this.#local = undefined;
    clearTimeout(this.#announcing);
    this.#channel.publish({ kind: "leave", from: this.hubId });
    await this.#channel.close();
  }

  #announce(): void {
    clearTimeout(this.#announcing);
    this.#announcing = undefined;
    if (this.#local === undefined) return;
    this.#channel.publish({ kind: "state", from: this.hubId, ...this.#local.state() });
  }

  #hear(message: HubMessage, hub: LocalHub): void {
    switch (message.kind) {
      case "state":
        this.#heardState(message.from, message);
        break;
      case "leave":
        if (this.#membership.left(message.from)) this.#setHub(message.from, undefined);
        break;
      case "packets":
        hub.onPackets(message.packets);
        break;
      case "newest":
        if (message.to === this.hubId) hub.onNewest(message.values);
        break;
      case "prediction":
        hub.onPrediction(message.packet);
        break;
      case "command":
        if (message.to === this.hubId) this.#heardCommand(message.command, message.from, hub);
        break;
      case "command_update":
        if ((message.to ?? this.hubId) === this.hubId) hub.onCommandUpdate(message.update, message.to !== undefined);
        break;
    }
  }

  #heardState(otherHubId: string, state: HubState): void {
    const before = this.#membership.heard(otherHubId, state);
    this.#setHub(otherHubId, state);
    if (before === undefined) this.#announce();
    void this.#sendNewest(otherHubId, newFilters(state.viewers, before?.viewers ?? []));
  }

  #setHub(otherHubId: string, state: HubState | undefined): void {
    this.#interest.set(otherHubId, state);
    this.#local?.onHub(otherHubId, state);
  }

  /** What a hub's viewers want that it has not been sent before. Other work goes on between the messages. */
  async #sendNewest(to: string, filters: readonly ViewerFilter[]): Promise<void> {
    if (this.#local === undefined || filters.length === 0) return;
    const wants = filters.map(compileFilter);
    const isWanted = ({ packet }: NewestValue) => wants.some((want) => want(packet.robot_id, packet.type));
    const values = [...this.#local.newest()].filter(isWanted);
    for (let first = 0; first < values.length; first += maxValuesPerMessage) {
      const some = values.slice(first, first + maxValuesPerMessage);
      this.#channel.publish({ kind: "newest", from: this.hubId, to, values: some });
      await turn();
    }
  }

  #heardCommand(command: ForwardedCommand, askedBy: string, hub: LocalHub): void {
    const update = hub.onCommand(command, askedBy);
    if (update === undefined) return;
    this.#channel.publish({ kind: "command_update", from: this.hubId, to: askedBy, update });
  }
}

function newFilters(now: readonly ViewerFilter[], before: readonly ViewerFilter[]): ViewerFilter[] {
  const known = new Set(before.map((filter) => JSON.stringify(filter)));
  return now.filter((filter) => !known.has(JSON.stringify(filter)));
}

/** Fields that are missing stay missing: the channel would turn `undefined` into null. */
function livePacketOf({ packet, receivedAt, streamId, seq }: HubPacket, to: readonly string[] | undefined): LivePacket {
  const live: LivePacket = { packet, received_at: receivedAt };
  if (streamId !== undefined) live.stream_id = streamId;
  if (seq !== undefined) live.seq = seq;
  if (to !== undefined) live.to = [...to];
  return live;
}

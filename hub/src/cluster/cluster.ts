/**
 * The other hubs: what they must know of this one, and what they tell it.
 *
 * The hub that takes a packet in chooses the workers for it, whichever hub these are at: so no packet goes to two.
 */
import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import type { CommandUpdate, Packet, ViewerFilter } from "@physical-ai/unity-protocol";
import { predictionType } from "@physical-ai/unity-protocol";
import { compileFilter } from "../live/viewers/filter.ts";
import type { HubPacket } from "../packet.ts";
import type { HubChannel } from "./channel.ts";
import { createInterest } from "./interest.ts";
import { createMembership } from "./membership.ts";
import type { ForwardedCommand, HubMessage, HubState, LivePacket, NewestValue } from "./messages.ts";

/** Packets that workers of other hubs get, with the ids of their subscriptions. */
export type Forwards = ReadonlyMap<HubPacket, readonly string[]>;

/** What the hub tells the others. Nothing here waits or throws. */
export interface Cluster {
  /** How the others name this hub. */
  readonly hubId: string;
  /** Packets that this hub took in and that are live. */
  packets(received: readonly HubPacket[], forwards: Forwards): void;
  prediction(packet: Packet): void;
  /** `askedBy`: the hub that forwarded the command. */
  commandUpdate(update: CommandUpdate, askedBy?: string): void;
  /** Returns false when the other hub cannot be reached now. */
  command(hubId: string, command: ForwardedCommand): boolean;
  /** Something that the others must know has changed. */
  changed(): void;
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
export function createAlone(): Cluster {
  return {
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
}

/** Makes a hub one of several. It closes the channel. */
export function createCluster(channel: HubChannel, now: () => number = Date.now): Cluster {
  const hubId = randomUUID().slice(0, 8);
  const from = hubId;
  const membership = createMembership(silentAfterMs, now);
  const interest = createInterest();
  let local: LocalHub | undefined;
  let announcing: NodeJS.Timeout | undefined;

  function announce(): void {
    clearTimeout(announcing);
    announcing = undefined;
    if (local !== undefined) channel.publish({ kind: "state", from, ...local.state() });
  }

  function setHub(otherHubId: string, state: HubState | undefined): void {
    interest.set(otherHubId, state);
    local?.onHub(otherHubId, state);
  }

  function heardState(otherHubId: string, state: HubState): void {
    const before = membership.heard(otherHubId, state);
    setHub(otherHubId, state);
    if (before === undefined) announce();
    void sendNewest(otherHubId, newFilters(state.viewers, before?.viewers ?? []));
  }

  /** What a hub's viewers want that it has not been sent before. Other work goes on between the messages. */
  async function sendNewest(to: string, filters: readonly ViewerFilter[]): Promise<void> {
    if (local === undefined || filters.length === 0) return;
    const wants = filters.map(compileFilter);
    const values = [...local.newest()].filter(({ packet }) => wants.some((want) => want(packet.robot_id, packet.type)));
    for (let first = 0; first < values.length; first += maxValuesPerMessage) {
      channel.publish({ kind: "newest", from, to, values: values.slice(first, first + maxValuesPerMessage) });
      await turn();
    }
  }

  function heardCommand(command: ForwardedCommand, askedBy: string, hub: LocalHub): void {
    const update = hub.onCommand(command, askedBy);
    if (update !== undefined) channel.publish({ kind: "command_update", from, to: askedBy, update });
  }

  function hear(message: HubMessage, hub: LocalHub): void {
    switch (message.kind) {
      case "state":
        heardState(message.from, message);
        break;
      case "leave":
        if (membership.left(message.from)) setHub(message.from, undefined);
        break;
      case "packets":
        hub.onPackets(message.packets);
        break;
      case "newest":
        if (message.to === hubId) hub.onNewest(message.values);
        break;
      case "prediction":
        hub.onPrediction(message.packet);
        break;
      case "command":
        if (message.to === hubId) heardCommand(message.command, message.from, hub);
        break;
      case "command_update":
        if ((message.to ?? hubId) === hubId) hub.onCommandUpdate(message.update, message.to !== undefined);
        break;
    }
  }

  return {
    hubId,
    packets(received, forwards) {
      if (membership.size === 0) return;
      const packets = received.flatMap((one) => {
        const to = forwards.get(one);
        return to !== undefined || interest.wantsPacket(one.packet) ? livePacketOf(one, to) : [];
      });
      if (packets.length > 0) channel.publish({ kind: "packets", from, packets });
    },
    prediction(packet) {
      if (!interest.viewersWant(packet.robot_id, predictionType)) return;
      channel.publish({ kind: "prediction", from, packet });
    },
    commandUpdate(update, askedBy) {
      if (askedBy === undefined && !interest.viewersWant(update.robot_id, undefined)) return;
      channel.publish({ kind: "command_update", from, update });
    },
    command: (to, command) => channel.publish({ kind: "command", from, to, command }),
    changed() {
      if (local !== undefined) announcing ??= setTimeout(announce, gatherMs);
    },
    begin(hub) {
      local = hub;
      channel.onMessage((message) => {
        if (local !== undefined && message.from !== hubId) hear(message, hub);
      });
      announce();
    },
    tick() {
      for (const silent of membership.takeSilent()) setHub(silent, undefined);
      announce();
    },
    get stats() {
      return { otherHubs: membership.size, dropped: channel.dropped };
    },
    async close() {
      local = undefined;
      clearTimeout(announcing);
      channel.publish({ kind: "leave", from });
      await channel.close();
    },
  };
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

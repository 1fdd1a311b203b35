/** From the hub to every viewer that asked for it: live, filtered and bounded. */
import type {
  CommandUpdate,
  Packet,
  PayloadSchemaChange,
  RobotStatus,
  ViewerFilter,
} from "@physical-ai/unity-protocol";
import { predictionType } from "@physical-ai/unity-protocol";
import { compositeKey } from "../packet.ts";
import { Outbox, type ViewerLink } from "./viewer-outbox.ts";

/** How the fan-out reaches one viewer. */
export interface ViewerSocket extends ViewerLink {
  sendCommandUpdate(update: CommandUpdate): void;
  sendRobotStatus(status: RobotStatus): void;
  sendPayloadSchema(change: PayloadSchemaChange): void;
}

/** How things stand when a viewer comes. */
export interface Snapshot {
  statuses: Iterable<RobotStatus>;
  packets: Iterable<Packet>;
  schemaChanges: Iterable<PayloadSchemaChange>;
}

/** Statuses and commands have no type: the robot alone decides. */
export type Wants = (robotId: string, type: string | undefined) => boolean;

const maxEventsPerViewer = 1_000;

/** One viewer's place in the fan-out. */
export class Viewer {
  readonly socket: ViewerSocket;
  readonly filter: ViewerFilter;
  readonly wants: Wants;
  readonly outbox: Outbox;

  constructor(socket: ViewerSocket, filter: ViewerFilter) {
    this.socket = socket;
    this.filter = filter;
    this.wants = compileFilter(filter);
    this.outbox = new Outbox(socket, { maxHz: filter.max_hz, maxEvents: maxEventsPerViewer });
  }

  /** Sends it how things stand, as far as its filter lets that through. */
  show({ statuses, packets, schemaChanges }: Snapshot): void {
    for (const status of statuses) if (this.wants(status.id, undefined)) this.tellStatus(status);
    for (const change of schemaChanges) this.tellChange(change);
    for (const packet of packets) if (this.wants(packet.robot_id, packet.type)) this.outbox.putLatest(packet);
  }

  tellStatus(status: RobotStatus): void {
    this.outbox.putEvent(() => this.socket.sendRobotStatus(status));
  }

  /** It is about no robot alone: whoever wants the data type of any robot is told. */
  tellChange(change: PayloadSchemaChange): void {
    if (this.filter.robots?.length === 0 || this.filter.types?.includes(change.type) === false) return;
    this.outbox.putEvent(() => this.socket.sendPayloadSchema(change));
  }
}

/** Sends to the viewers of this hub. */
export class FanOut {
  readonly #viewers = new Set<Viewer>();
  readonly #audiences = new Audiences(this.#viewers);
  #droppedByGone = 0;

  add(socket: ViewerSocket, filter: ViewerFilter = {}): Viewer {
    const viewer = new Viewer(socket, filter);
    this.#viewers.add(viewer);
    this.#audiences.forget();
    return viewer;
  }

  remove(viewer: Viewer): void {
    if (this.#viewers.delete(viewer)) this.#droppedByGone += viewer.outbox.dropped;
    this.#audiences.forget();
    viewer.outbox.close();
  }

  /** @param bytes about how much memory the packet takes, where that is known */
  telemetry(packet: Packet, bytes?: number): void {
    for (const { outbox } of this.#audiences.of(packet.robot_id, packet.type)) outbox.putLatest(packet, bytes);
  }

  prediction(packet: Packet): void {
    for (const { outbox, socket } of this.#audiences.of(packet.robot_id, predictionType)) {
      outbox.putEvent(() => socket.sendPacket(packet));
    }
  }

  commandUpdate(update: CommandUpdate): void {
    for (const { outbox, socket } of this.#audiences.of(update.robot_id, undefined)) {
      outbox.putEvent(() => socket.sendCommandUpdate(update));
    }
  }

  robotStatus(status: RobotStatus): void {
    for (const viewer of this.#audiences.of(status.id, undefined)) viewer.tellStatus(status);
  }

  payloadSchema(change: PayloadSchemaChange): void {
    for (const viewer of this.#viewers) viewer.tellChange(change);
  }

  /** What the viewers asked for, in few words. */
  filters(): ViewerFilter[] {
    return summariseFilters([...this.#viewers].map(({ filter }) => filter));
  }

  get stats(): { viewers: number; dropped: number } {
    let dropped = this.#droppedByGone;
    for (const { outbox } of this.#viewers) dropped += outbox.dropped;
    return { viewers: this.#viewers.size, dropped };
  }
}

/** Viewers that may be remembered, of all audiences together. */
const maxRemembered = 1_000_000;

/** Remembers who wants what, so that a packet costs the viewers that want it and not all there are. */
export class Audiences<V extends { wants: Wants }> {
  readonly #viewers: Iterable<V>;
  readonly #known = new Map<string, readonly V[]>();
  #remembered = 0;

  constructor(viewers: Iterable<V>) {
    this.#viewers = viewers;
  }

  /** `type` is missing for what has none: statuses and commands. */
  of(robotId: string, type: string | undefined): readonly V[] {
    const key = type === undefined ? robotId : compositeKey(robotId, type);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const audience = [...this.#viewers].filter((viewer) => viewer.wants(robotId, type));
    // An audience of nobody takes memory too.
    this.#remembered += audience.length + 1;
    if (this.#remembered > maxRemembered) this.forget();
    this.#known.set(key, audience);
    return audience;
  }

  /** To be called when viewers have come or gone. */
  forget(): void {
    this.#known.clear();
    this.#remembered = 0;
  }
}

/** The test that a filter stands for; a list that is missing lets everything through. */
export function compileFilter(filter: ViewerFilter): Wants {
  const robots = filter.robots === undefined ? undefined : new Set(filter.robots);
  const types = filter.types === undefined ? undefined : new Set(filter.types);
  return (robotId, type) =>
    (robots === undefined || robots.has(robotId)) && (types === undefined || type === undefined || types.has(type));
}

/** More names than other hubs should hear every second. */
const maxNames = 1_000;

/** The different filters without their pace, few enough to tell others; else one that lets everything through. */
export function summariseFilters(filters: Iterable<ViewerFilter>): ViewerFilter[] {
  const different = new Map<string, ViewerFilter>();
  let names = 0;
  for (const { robots, types } of filters) {
    const filter = { ...(robots === undefined ? {} : { robots }), ...(types === undefined ? {} : { types }) };
    const key = JSON.stringify(filter);
    if (different.has(key)) continue;
    different.set(key, filter);
    names += 1 + (robots?.length ?? 0) + (types?.length ?? 0);
    if (names > maxNames) return [{}];
  }
  return different.has("{}") ? [{}] : [...different.values()];
}

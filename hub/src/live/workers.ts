/** The brain workers of all hubs: who is here, and which of them gets which packet. */
import type { PolicySubscription, RawPacket, RobotStatus } from "@physical-ai/unity-protocol";
import type { HubPacket } from "../packet.ts";
import { type Candidate, Routes } from "./worker-routes.ts";
import { rawPacketOf, Subscription, type SubscriptionOptions, type WorkerLink } from "./worker-subscription.ts";

/** A worker as people read it. */
export interface WorkerView {
  worker_id: string;
  policies: string[];
}

/** A worker as hubs tell each other: it is connected to the hub that says so. */
export interface RemoteWorker {
  worker_id: string;
  /** It gets every packet of this type of robot. */
  robot_type?: string;
  subscriptions: {
    /** Its name among all hubs: packets are addressed to it. */
    id: string;
    policy: PolicySubscription;
    /** It has not asked for more for long: others get its robots until it does. */
    hangs: boolean;
  }[];
}

/** A packet that another hub took in, and the subscriptions that it chose for it. */
export interface AddressedPacket extends HubPacket {
  to: readonly string[];
}

/** Packets that workers of other hubs get, with the ids of their subscriptions. */
export type Forwards = ReadonlyMap<HubPacket, readonly string[]>;

/** Packets for the workers that are here. */
export interface WorkerPoolStats {
  waiting: number;
  dropped: number;
  /** Of the packet that waits longest. */
  oldestMs: number;
  /** Policies that do not ask for more. */
  hanging: number;
}

/** Bounds of the pool's subscriptions, and who it belongs to. */
interface WorkerPoolOptions extends SubscriptionOptions {
  /** Begins the ids of subscriptions, so that no two hubs have the same. */
  hubId: string;
  /** Told of workers that come and go, at any hub. */
  onStatus: (status: RobotStatus) => void;
}

const defaults: WorkerPoolOptions = {
  hubId: "alone",
  onStatus: () => undefined,
  mailboxCapacity: 10_000,
  maxPacketsPerEvent: 256,
  maxAgeMs: 5_000,
  hangsAfterMs: 10_000,
};

const noForwards: Forwards = new Map();

export class WorkerPool {
  /** Of the workers of all hubs, those that chose no policies included. */
  readonly presence: Presence;
  readonly #options: WorkerPoolOptions;
  readonly #now: () => number;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #workers = new Map<WorkerLink, Subscription[]>();
  readonly #elsewhere = new WorkersElsewhere();
  readonly #routes = new Routes<Candidate | Subscription>(() => this.#candidates());
  /** What came together goes together: those that have got something are sent it at the end. */
  readonly #touched = new Set<Subscription>();
  #lastId = 0;
  #droppedByGone = 0;

  constructor(options: Partial<WorkerPoolOptions> = {}) {
    this.#options = { ...defaults, ...options };
    const { onStatus, now = Date.now } = this.#options;
    this.#now = now;
    this.presence = new Presence((id, status) => onStatus({ kind: "brain_worker", id, status, at: now() }));
  }

  /** Adds a worker. The function that comes back takes it out again. */
  add(link: WorkerLink, policies: readonly PolicySubscription[]): () => void {
    const added = policies.map((policy) => this.#subscribe(link, policy));
    this.#workers.set(link, added);
    this.#routes.forget();
    this.presence.come(link.workerId, link);
    return () => {
      for (const subscription of added) this.#unsubscribe(subscription);
      this.#workers.delete(link);
      this.#routes.forget();
      this.presence.go(link.workerId, link);
    };
  }

  /** Chooses who gets each packet, and gives it to those who are here. Returns what others get. */
  route(received: readonly HubPacket[]): Forwards {
    let forwards: Map<HubPacket, string[]> | undefined;
    for (const one of received) {
      const route = this.#routes.of(one.packet);
      if (route.length === 0) continue;
      const raw = rawPacketOf(one);
      for (const candidate of route) {
        if (candidate instanceof Subscription) this.#put(candidate, raw, one.bytes);
        else {
          forwards ??= new Map();
          forwards.set(one, [...(forwards.get(one) ?? []), candidate.id]);
        }
      }
    }
    this.#dispatchTouched();
    return forwards ?? noForwards;
  }

  /** Gives packets that another hub took in to the subscriptions that it chose. */
  deliver(packets: readonly AddressedPacket[]): void {
    for (const packet of packets) {
      for (const id of packet.to) {
        const subscription = this.#subscriptions.get(id);
        if (subscription !== undefined) this.#put(subscription, rawPacketOf(packet), packet.bytes);
      }
    }
    this.#dispatchTouched();
  }

  /** The workers of another hub, all of them; none when it is gone. */
  setElsewhere(otherHubId: string, remote: readonly RemoteWorker[]): void {
    const before = this.#elsewhere.set(otherHubId, remote);
    if (before === undefined) return;
    this.#routes.forget();
    for (const { worker_id } of remote) this.presence.come(worker_id, otherHubId);
    const there = new Set(remote.map(({ worker_id }) => worker_id));
    for (const { worker_id } of before) if (!there.has(worker_id)) this.presence.go(worker_id, otherHubId);
  }

  /** The workers that are here, for other hubs. */
  here(): RemoteWorker[] {
    return [...this.#workers].map(([{ workerId }, added]) => ({
      worker_id: workerId,
      subscriptions: added.map(({ id, policy, hangs }) => ({ id, policy, hangs })),
    }));
  }

  /** The workers of all hubs that have policies, and which. */
  list(): WorkerView[] {
    const policies = new Map<string, Set<string>>();
    for (const { workerId, policy } of this.#candidates()) {
      policies.set(workerId, (policies.get(workerId) ?? new Set()).add(policy.name));
    }
    return [...policies].map(([worker_id, names]) => ({ worker_id, policies: [...names] }));
  }

  /** Notices who has stopped asking for packets; to be called about every second. */
  tick(): void {
    for (const subscription of this.#subscriptions.values()) subscription.tick();
  }

  get stats(): WorkerPoolStats {
    const time = this.#now();
    let waiting = 0;
    let dropped = this.#droppedByGone;
    let oldest = time;
    let hanging = 0;
    for (const { mailbox, hangs } of this.#subscriptions.values()) {
      waiting += mailbox.size;
      dropped += mailbox.dropped;
      oldest = Math.min(oldest, mailbox.oldest ?? oldest);
      if (hangs) hanging++;
    }
    return { waiting, dropped, oldestMs: time - oldest, hanging };
  }

  *#candidates(): Iterable<Candidate | Subscription> {
    yield* this.#subscriptions.values();
    yield* this.#elsewhere.candidates();
  }

  #subscribe(link: WorkerLink, policy: PolicySubscription): Subscription {
    const id = `${this.#options.hubId}/${++this.#lastId}`;
    const onHangs = () => this.#routes.forget();
    const subscription = new Subscription({ id, link, policy, onHangs }, this.#options);
    this.#subscriptions.set(id, subscription);
    return subscription;
  }

  #unsubscribe(subscription: Subscription): void {
    const { id, mailbox } = subscription;
    if (!this.#subscriptions.delete(id)) return;
    subscription.close();
    this.#droppedByGone += mailbox.size + mailbox.dropped;
  }

  #put(subscription: Subscription, packet: RawPacket, bytes: number): void {
    subscription.mailbox.put(packet, bytes);
    this.#touched.add(subscription);
  }

  #dispatchTouched(): void {
    for (const subscription of this.#touched) subscription.dispatch();
    this.#touched.clear();
  }
}

/** The workers of other hubs, as these said last. */
class WorkersElsewhere {
  readonly #hubs = new Map<string, { workers: readonly RemoteWorker[]; said: string; candidates: Candidate[] }>();

  /** All workers of a hub; none when it is gone. Returns which it had before, `undefined` when nothing has changed. */
  set(hubId: string, workers: readonly RemoteWorker[]): readonly RemoteWorker[] | undefined {
    const before = this.#hubs.get(hubId);
    const said = JSON.stringify(workers);
    if (said === (before?.said ?? "[]")) return undefined;
    if (workers.length === 0) this.#hubs.delete(hubId);
    else this.#hubs.set(hubId, { workers, said, candidates: workers.flatMap(candidatesOf) });
    return before?.workers ?? [];
  }

  *candidates(): Iterable<Candidate> {
    for (const { candidates } of this.#hubs.values()) yield* candidates;
  }
}

function candidatesOf({ worker_id, subscriptions }: RemoteWorker): Candidate[] {
  return subscriptions.map((subscription) => ({ ...subscription, workerId: worker_id }));
}

/** Who is here, on one connection or several, at this hub or another: counts the places where each id is. */
export class Presence {
  readonly #onChange: (id: string, status: "online" | "offline") => void;
  readonly #places = new Map<string, Set<unknown>>();

  /** @param onChange is told when an id comes first and when it goes last */
  constructor(onChange: (id: string, status: "online" | "offline") => void) {
    this.#onChange = onChange;
  }

  /** @param place anything that stands for one connection, or for one hub */
  come(id: string, place: unknown): void {
    const known = this.#places.get(id);
    if (known !== undefined) {
      known.add(place);
      return;
    }
    this.#places.set(id, new Set([place]));
    this.#onChange(id, "online");
  }

  go(id: string, place: unknown): void {
    const known = this.#places.get(id);
    if (known === undefined || !known.delete(place) || known.size > 0) return;
    this.#places.delete(id);
    this.#onChange(id, "offline");
  }
}

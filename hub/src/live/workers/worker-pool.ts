/** The brain workers: which of them gets which packet. */
import type { PolicySubscription, RawPacket, RobotStatus } from "@physical-ai/unity-protocol";
import type { Forwards } from "../../cluster/cluster.ts";
import type { RemoteWorker } from "../../cluster/messages.ts";
import { createLegacyWorkers, type LegacyWorkerLink } from "../../legacy/legacy-workers.ts";
import type { HubPacket } from "../../packet.ts";
import { createWorkersElsewhere } from "./elsewhere.ts";
import { createPresence } from "./presence.ts";
import { rawPacketOf } from "./raw-packet.ts";
import { type Candidate, createRoutes } from "./routes.ts";
import { createSubscription, type Subscription, type SubscriptionOptions, type WorkerLink } from "./subscription.ts";

/** What the hub knows of a worker. */
export interface WorkerView {
  worker_id: string;
  policies: string[];
}

/** A packet that another hub took in, and the subscriptions that it chose for it. */
export interface AddressedPacket extends HubPacket {
  to: readonly string[];
}

/** Spreads packets over workers. */
export interface WorkerPool {
  /** Adds a worker. The function that comes back takes it out again. */
  add(link: WorkerLink, policies: readonly PolicySubscription[]): () => void;
  addLegacy(link: LegacyWorkerLink): () => void;
  /** Chooses who gets each packet, and gives it to those who are here. Returns what others get. */
  route(received: readonly HubPacket[]): Forwards;
  /** Gives packets that another hub took in to the subscriptions that it chose, and to workers of before. */
  deliver(packets: readonly AddressedPacket[]): void;
  /** The workers of another hub, all of them; none when it is gone. */
  setElsewhere(hubId: string, workers: readonly RemoteWorker[]): void;
  /** The workers that are here, for other hubs. */
  here(): RemoteWorker[];
  /** The protocol-1 workers of all hubs, with the policies that they run. */
  list(): WorkerView[];
  /** Notices who has stopped asking for packets; to be called about every second. */
  tick(): void;
  readonly stats: WorkerPoolStats;
}

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
export interface WorkerPoolOptions extends SubscriptionOptions {
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

const isHere = (candidate: Candidate | Subscription): candidate is Subscription => "mailbox" in candidate;

const noForwards: Forwards = new Map();

/** Makes an empty pool. */
export function createWorkerPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
  const settings = { ...defaults, ...options };
  const { hubId, onStatus, now = Date.now } = settings;
  const subscriptions = new Map<string, Subscription>();
  const workers = new Map<WorkerLink, Subscription[]>();
  const legacyWorkers = createLegacyWorkers();
  const elsewhere = createWorkersElsewhere();
  const routes = createRoutes<Candidate | Subscription>(() => [...subscriptions.values(), ...elsewhere.candidates()]);
  const presence = createPresence((id, status) => onStatus({ kind: "brain_worker", id, status, at: now() }));
  /** What came together goes together: those that have got something are sent it at the end. */
  const touched = new Set<Subscription>();
  let lastId = 0;
  let droppedByGone = 0;

  function subscribe(link: WorkerLink, policy: PolicySubscription): Subscription {
    const id = `${hubId}/${++lastId}`;
    const subscription = createSubscription({ id, link, policy, onHangs: routes.forget }, settings);
    subscriptions.set(id, subscription);
    return subscription;
  }

  function unsubscribe(subscription: Subscription): void {
    const { id, mailbox } = subscription;
    if (!subscriptions.delete(id)) return;
    subscription.close();
    droppedByGone += mailbox.size + mailbox.dropped;
  }

  function put(subscription: Subscription, packet: RawPacket): void {
    subscription.mailbox.put(packet);
    touched.add(subscription);
  }

  function dispatchTouched(): void {
    for (const subscription of touched) subscription.dispatch();
    touched.clear();
  }

  return {
    add(link, policies) {
      const added = policies.map((policy) => subscribe(link, policy));
      workers.set(link, added);
      routes.forget();
      presence.come(link.workerId, link);
      return () => {
        for (const subscription of added) unsubscribe(subscription);
        workers.delete(link);
        routes.forget();
        presence.go(link.workerId, link);
      };
    },
    addLegacy(link) {
      legacyWorkers.add(link);
      presence.come(link.workerId, link);
      return () => {
        legacyWorkers.remove(link);
        presence.go(link.workerId, link);
      };
    },
    route(received) {
      let forwards: Map<HubPacket, string[]> | undefined;
      for (const one of received) {
        const route = routes.of(one.packet);
        if (route.length > 0) {
          const raw = rawPacketOf(one);
          for (const candidate of route) {
            if (isHere(candidate)) put(candidate, raw);
            else {
              forwards ??= new Map();
              forwards.set(one, [...(forwards.get(one) ?? []), candidate.id]);
            }
          }
        }
        legacyWorkers.give(one.packet);
      }
      dispatchTouched();
      return forwards ?? noForwards;
    },
    deliver(packets) {
      for (const { to, ...one } of packets) {
        for (const id of to) {
          const subscription = subscriptions.get(id);
          if (subscription !== undefined) put(subscription, rawPacketOf(one));
        }
        legacyWorkers.give(one.packet);
      }
      dispatchTouched();
    },
    setElsewhere(otherHubId, remote) {
      const before = elsewhere.set(otherHubId, remote);
      if (before === undefined) return;
      routes.forget();
      for (const { worker_id } of remote) presence.come(worker_id, otherHubId);
      const there = new Set(remote.map(({ worker_id }) => worker_id));
      for (const { worker_id } of before) if (!there.has(worker_id)) presence.go(worker_id, otherHubId);
    },
    here: () => [...[...workers].map(([link, added]) => remoteWorkerOf(link, added)), ...legacyWorkers.here()],
    list: () => viewsOf([...subscriptions.values(), ...elsewhere.candidates()]),
    tick() {
      for (const subscription of subscriptions.values()) subscription.tick();
    },
    get stats() {
      let waiting = 0;
      let dropped = droppedByGone;
      let oldest = now();
      let hanging = 0;
      for (const { mailbox, hangs } of subscriptions.values()) {
        waiting += mailbox.size;
        dropped += mailbox.dropped;
        oldest = Math.min(oldest, mailbox.oldest ?? oldest);
        if (hangs) hanging++;
      }
      return { waiting, dropped, oldestMs: now() - oldest, hanging };
    },
  };
}

function remoteWorkerOf({ workerId }: WorkerLink, subscriptions: readonly Subscription[]): RemoteWorker {
  return {
    worker_id: workerId,
    subscriptions: subscriptions.map(({ id, policy, hangs }) => ({ id, policy, hangs })),
  };
}

function viewsOf(candidates: Iterable<Candidate>): WorkerView[] {
  const policies = new Map<string, Set<string>>();
  for (const { workerId, policy } of candidates) {
    policies.set(workerId, (policies.get(workerId) ?? new Set()).add(policy.name));
  }
  return [...policies].map(([worker_id, names]) => ({ worker_id, policies: [...names] }));
}

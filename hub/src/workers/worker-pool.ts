/** The brain workers: which of them gets which packet, and how fast. */
import type { Packet, PolicySubscription, RawPacket, RobotStatus } from "@physical-ai/unity-protocol";
import type { RemoteWorker } from "../cluster/messages.ts";
import type { ReceivedPacket } from "../ingest/received-packet.ts";
import { createWorkersElsewhere } from "./elsewhere.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { createPresence } from "./presence.ts";
import { type Candidate, createRoutes } from "./routes.ts";

/** How the pool reaches a protocol-1 worker. */
export interface WorkerLink {
  workerId: string;
  /** Sends packets to a policy; `done` is called when the worker wants more. */
  send(packets: RawPacket[], policy: string, done: () => void): void;
}

/** How the pool reaches a worker of before: one packet an event, as the relay sent it. */
export interface LegacyWorkerLink {
  workerId: string;
  robotType: string;
  send(packet: Packet): void;
}

/** What the hub knows of a worker. */
export interface WorkerView {
  worker_id: string;
  policies: string[];
}

/** A packet that another hub took in, and the subscriptions that it chose for it. */
export interface AddressedPacket extends Omit<ReceivedPacket, "createdAt"> {
  to: readonly string[];
}

/** Packets that workers of other hubs get, with the ids of their subscriptions. */
export type Forwards = ReadonlyMap<ReceivedPacket, readonly string[]>;

/** Spreads packets over workers. */
export interface WorkerPool {
  /** Adds a worker. The function that comes back takes it out again. */
  add(link: WorkerLink, policies: readonly PolicySubscription[]): () => void;
  addLegacy(link: LegacyWorkerLink): () => void;
  /** Chooses who gets each packet, and gives it to those who are here. Returns what others get. */
  route(received: readonly ReceivedPacket[]): Forwards;
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

/** Bounds of the pool. */
export interface WorkerPoolOptions {
  /** Packets that may wait for one policy of one worker. */
  mailboxCapacity: number;
  maxPacketsPerEvent: number;
  /** Packets that waited longer are not live any more. */
  maxAgeMs: number;
  /** A policy that has not asked for more for so long hangs: other workers get its robots until it does. */
  hangsAfterMs: number;
  /** Begins the ids of subscriptions, so that no two hubs have the same. */
  hubId: string;
  /** Told of workers that come and go, at any hub. */
  onStatus: (status: RobotStatus) => void;
  now?: () => number;
}

const defaults: WorkerPoolOptions = {
  hubId: "alone",
  onStatus: () => undefined,
  mailboxCapacity: 10_000,
  maxPacketsPerEvent: 256,
  maxAgeMs: 5_000,
  hangsAfterMs: 10_000,
};

/** Arrays under way at a time: `latest` waits for fresher packets, `every` hides the way there and back. */
const windowOf = { latest: 1, every: 2 } as const;

/** A policy of a worker that is here. */
interface Subscription extends Candidate {
  mailbox: Mailbox;
  link: WorkerLink;
  underWay: number;
  /** When it last asked for more, or was first sent something after it had. */
  heardAt: number;
}

const isHere = (candidate: Candidate | Subscription): candidate is Subscription => "mailbox" in candidate;

const noForwards: Forwards = new Map();

/** Makes an empty pool. */
export function createWorkerPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
  const settings = { ...defaults, ...options };
  const { mailboxCapacity, maxPacketsPerEvent, maxAgeMs, hangsAfterMs, hubId, onStatus, now = Date.now } = settings;
  const subscriptions = new Map<string, Subscription>();
  const workers = new Map<WorkerLink, Subscription[]>();
  const legacyWorkers = new Set<LegacyWorkerLink>();
  const elsewhere = createWorkersElsewhere();
  const routes = createRoutes<Candidate | Subscription>(() => [...subscriptions.values(), ...elsewhere.candidates()]);
  const presence = createPresence((id, status) => onStatus({ kind: "brain_worker", id, status, at: now() }));
  let lastId = 0;
  let droppedByGone = 0;

  function dispatch(subscription: Subscription): void {
    const { policy, mailbox, link } = subscription;
    while (subscription.underWay < windowOf[policy.delivery] && mailbox.size > 0) {
      const packets = mailbox.take(maxPacketsPerEvent, now() - maxAgeMs);
      if (packets.length === 0) continue;
      if (subscription.underWay === 0) subscription.heardAt = now();
      subscription.underWay++;
      link.send(packets, policy.name, () => {
        subscription.underWay--;
        subscription.heardAt = now();
        setHangs(subscription, false);
        if (subscriptions.has(subscription.id)) dispatch(subscription);
      });
    }
  }

  function setHangs(subscription: Subscription, hangs: boolean): void {
    if (subscription.hangs === hangs) return;
    subscription.hangs = hangs;
    routes.forget();
  }

  function subscribe(link: WorkerLink, policy: PolicySubscription): Subscription {
    const subscription = {
      id: `${hubId}/${++lastId}`,
      workerId: link.workerId,
      policy,
      mailbox: createMailbox(policy.delivery, mailboxCapacity),
      link,
      underWay: 0,
      heardAt: now(),
      hangs: false,
    };
    subscriptions.set(subscription.id, subscription);
    return subscription;
  }

  function unsubscribe({ id, mailbox }: Subscription): void {
    if (subscriptions.delete(id)) droppedByGone += mailbox.size + mailbox.dropped;
  }

  function giveToLegacyWorkers(packet: Packet): void {
    for (const worker of legacyWorkers) if (worker.robotType === packet.robot_type) worker.send(packet);
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
        legacyWorkers.delete(link);
        presence.go(link.workerId, link);
      };
    },
    route(received) {
      const touched = new Set<Subscription>();
      let forwards: Map<ReceivedPacket, string[]> | undefined;
      for (const one of received) {
        const route = routes.of(one.packet);
        if (route.length > 0) {
          const raw = rawPacketOf(one);
          for (const candidate of route) {
            if (isHere(candidate)) {
              candidate.mailbox.put(raw);
              touched.add(candidate);
            } else {
              forwards ??= new Map();
              forwards.set(one, [...(forwards.get(one) ?? []), candidate.id]);
            }
          }
        }
        giveToLegacyWorkers(one.packet);
      }
      for (const subscription of touched) dispatch(subscription);
      return forwards ?? noForwards;
    },
    deliver(packets) {
      const touched = new Set<Subscription>();
      for (const { to, ...one } of packets) {
        for (const id of to) {
          const subscription = subscriptions.get(id);
          if (subscription === undefined) continue;
          subscription.mailbox.put(rawPacketOf(one));
          touched.add(subscription);
        }
        giveToLegacyWorkers(one.packet);
      }
      for (const subscription of touched) dispatch(subscription);
    },
    setElsewhere(otherHubId, remote) {
      const before = elsewhere.set(otherHubId, remote);
      if (before === undefined) return;
      routes.forget();
      for (const { worker_id } of remote) presence.come(worker_id, otherHubId);
      const there = new Set(remote.map(({ worker_id }) => worker_id));
      for (const { worker_id } of before) if (!there.has(worker_id)) presence.go(worker_id, otherHubId);
    },
    here: () => [
      ...[...workers].map(([{ workerId }, added]) => ({
        worker_id: workerId,
        subscriptions: added.map(({ id, policy, hangs }) => ({ id, policy, hangs })),
      })),
      ...[...legacyWorkers].map(({ workerId, robotType }) => ({
        worker_id: workerId,
        robot_type: robotType,
        subscriptions: [],
      })),
    ],
    list() {
      const policies = new Map<string, Set<string>>();
      for (const { workerId, policy } of [...subscriptions.values(), ...elsewhere.candidates()]) {
        policies.set(workerId, (policies.get(workerId) ?? new Set()).add(policy.name));
      }
      return [...policies].map(([worker_id, names]) => ({ worker_id, policies: [...names] }));
    },
    tick() {
      for (const subscription of subscriptions.values()) {
        if (subscription.underWay > 0 && now() - subscription.heardAt > hangsAfterMs) setHangs(subscription, true);
      }
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

/** Unknown fields stay behind: a robot's own `seq` must not pass for the stream's. */
function rawPacketOf({ packet, receivedAt, streamId, seq }: Omit<ReceivedPacket, "createdAt">): RawPacket {
  const { robot_id, robot_type, type, val, ts } = packet;
  const raw: RawPacket = { robot_id, robot_type, type, val, received_at: receivedAt };
  if (ts !== undefined) raw.ts = ts;
  if (streamId !== undefined) raw.stream_id = streamId;
  if (seq !== undefined) raw.seq = seq;
  return raw;
}

/** The brain workers: which of them gets which packet, and how fast. */
import type { Packet, PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";
import type { ReceivedPacket } from "../ingest/ingest.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { chooseByRendezvous } from "./rendezvous.ts";

/** How the pool reaches a protocol-1 worker. */
export interface WorkerLink {
  workerId: string;
  /** Sends packets to a policy; `done` is called when the worker wants more. */
  send(packets: RawPacket[], policy: string, done: () => void): void;
}

/** How the pool reaches a worker of before: one packet an event, as the relay sent it. */
export interface LegacyWorkerLink {
  robotType: string;
  send(packet: Packet): void;
}

/** What the hub knows of a worker. */
export interface WorkerView {
  worker_id: string;
  policies: string[];
}

/** Spreads packets over workers. */
export interface WorkerPool {
  /** Adds a worker. The function that comes back takes it out again. */
  add(link: WorkerLink, policies: readonly PolicySubscription[]): () => void;
  addLegacy(link: LegacyWorkerLink): () => void;
  route(received: readonly ReceivedPacket[]): void;
  /** The protocol-1 workers that are here, with the policies that they run. */
  list(): WorkerView[];
  /** Notices who has stopped asking for packets; to be called about every second. */
  tick(): void;
  readonly stats: { waiting: number; dropped: number };
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
  now?: () => number;
}

const defaults: WorkerPoolOptions = {
  mailboxCapacity: 10_000,
  maxPacketsPerEvent: 256,
  maxAgeMs: 5_000,
  hangsAfterMs: 10_000,
};

/** Arrays under way at a time: `latest` waits for fresher packets, `every` hides the way there and back. */
const windowOf = { latest: 1, every: 2 } as const;

interface Subscription {
  workerId: string;
  policy: PolicySubscription;
  mailbox: Mailbox;
  link: WorkerLink;
  underWay: number;
  /** When it last asked for more, or was first sent something after it had. */
  heardAt: number;
  hangs: boolean;
}

/** Makes an empty pool. */
export function createWorkerPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
  const settings = { ...defaults, ...options };
  const { mailboxCapacity, maxPacketsPerEvent, maxAgeMs, hangsAfterMs, now = Date.now } = settings;
  const subscriptions = new Set<Subscription>();
  const legacyWorkers = new Set<LegacyWorkerLink>();
  const routes = createRoutes(subscriptions);
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
        if (subscriptions.has(subscription)) dispatch(subscription);
      });
    }
  }

  function setHangs(subscription: Subscription, hangs: boolean): void {
    if (subscription.hangs === hangs) return;
    subscription.hangs = hangs;
    routes.forget();
  }

  return {
    add(link, policies) {
      const added = policies.map((policy) => ({
        workerId: link.workerId,
        policy,
        mailbox: createMailbox(policy.delivery, mailboxCapacity),
        link,
        underWay: 0,
        heardAt: now(),
        hangs: false,
      }));
      for (const subscription of added) subscriptions.add(subscription);
      routes.forget();
      return () => {
        for (const subscription of added) {
          if (subscriptions.delete(subscription))
            droppedByGone += subscription.mailbox.size + subscription.mailbox.dropped;
        }
        routes.forget();
      };
    },
    addLegacy(link) {
      legacyWorkers.add(link);
      return () => legacyWorkers.delete(link);
    },
    route(received) {
      const touched = new Set<Subscription>();
      for (const one of received) {
        const route = routes.of(one.packet);
        if (route.length > 0) {
          const raw = rawPacketOf(one);
          for (const subscription of route) {
            subscription.mailbox.put(raw);
            touched.add(subscription);
          }
        }
        for (const worker of legacyWorkers) {
          if (worker.robotType === one.packet.robot_type) worker.send(one.packet);
        }
      }
      for (const subscription of touched) dispatch(subscription);
    },
    list() {
      const policies = new Map<string, string[]>();
      for (const { workerId, policy } of subscriptions) {
        policies.set(workerId, [...(policies.get(workerId) ?? []), policy.name]);
      }
      return [...policies].map(([worker_id, names]) => ({ worker_id, policies: names }));
    },
    tick() {
      for (const subscription of subscriptions) {
        if (subscription.underWay > 0 && now() - subscription.heardAt > hangsAfterMs) setHangs(subscription, true);
      }
    },
    get stats() {
      let waiting = 0;
      let dropped = droppedByGone;
      for (const { mailbox } of subscriptions) {
        waiting += mailbox.size;
        dropped += mailbox.dropped;
      }
      return { waiting, dropped };
    },
  };
}

const maxRememberedRoutes = 100_000;

/** Remembers for each robot and type who gets it: for each policy that wants it, one worker. */
function createRoutes(subscriptions: ReadonlySet<Subscription>) {
  const known = new Map<string, readonly Subscription[]>();

  function find(packet: Packet): readonly Subscription[] {
    const byPolicy = new Map<string, Subscription[]>();
    for (const subscription of subscriptions) {
      if (!wants(subscription.policy, packet)) continue;
      const rivals = byPolicy.get(subscription.policy.name);
      if (rivals === undefined) byPolicy.set(subscription.policy.name, [subscription]);
      else rivals.push(subscription);
    }
    return [...byPolicy.values()].flatMap(
      (candidates) => chooseByRendezvous(packet.robot_id, preferAwake(candidates), ({ workerId }) => workerId) ?? [],
    );
  }

  return {
    of(packet: Packet): readonly Subscription[] {
      const key = `${packet.robot_id}\u0000${packet.robot_type}\u0000${packet.type}`;
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const route = find(packet);
      if (known.size >= maxRememberedRoutes) known.clear();
      known.set(key, route);
      return route;
    },
    forget: () => known.clear(),
  };
}

/** One that hangs is better than none: its mailbox is bounded, and it may come back. */
function preferAwake(candidates: readonly Subscription[]): readonly Subscription[] {
  const awake = candidates.filter(({ hangs }) => !hangs);
  return awake.length > 0 ? awake : candidates;
}

function wants({ types, robot_types }: PolicySubscription, packet: Packet): boolean {
  return types.includes(packet.type) && (robot_types === undefined || robot_types.includes(packet.robot_type));
}

/** Unknown fields stay behind: a robot's own `seq` must not pass for the stream's. */
function rawPacketOf({ packet, receivedAt, streamId, seq }: ReceivedPacket): RawPacket {
  const { robot_id, robot_type, type, val, ts } = packet;
  const raw: RawPacket = { robot_id, robot_type, type, val, received_at: receivedAt };
  if (ts !== undefined) raw.ts = ts;
  if (streamId !== undefined) raw.stream_id = streamId;
  if (seq !== undefined) raw.seq = seq;
  return raw;
}

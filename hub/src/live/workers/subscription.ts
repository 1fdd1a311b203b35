/** A policy of a worker that is here: what waits for it, and how much it is sent at a time. */
import type { PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import type { Candidate } from "./routes.ts";

/** How a protocol-1 worker is reached. */
export interface WorkerLink {
  workerId: string;
  /** Sends packets to a policy; `done` is called when the worker wants more. */
  send(packets: RawPacket[], policy: string, done: () => void): void;
}

/** Keeps packets for a policy until its worker wants them. */
export interface Subscription extends Candidate {
  readonly mailbox: Mailbox;
  /** Sends what waits, as far as the worker wants it; to be called when something was put into the mailbox. */
  dispatch(): void;
  /** Notices that the worker has stopped asking; to be called about every second. */
  tick(): void;
  /** Sends nothing more. */
  close(): void;
}

/** Bounds of a subscription. */
export interface SubscriptionOptions {
  /** Packets that may wait. */
  mailboxCapacity: number;
  maxPacketsPerEvent: number;
  /** Packets that waited longer are not live any more. */
  maxAgeMs: number;
  /** A policy that has not asked for more for so long hangs: other workers get its robots until it does. */
  hangsAfterMs: number;
  now?: () => number;
}

/** Arrays under way at a time: `latest` waits for fresher packets, `every` hides the way there and back. */
const windowOf = { latest: 1, every: 2 } as const;

/** Makes a subscription with an empty mailbox. `onHangs` is told when it begins to hang, and when it hangs no longer. */
export function createSubscription(
  { id, link, policy, onHangs }: { id: string; link: WorkerLink; policy: PolicySubscription; onHangs: () => void },
  { mailboxCapacity, maxPacketsPerEvent, maxAgeMs, hangsAfterMs, now = Date.now }: SubscriptionOptions,
): Subscription {
  const mailbox = createMailbox(policy.delivery, mailboxCapacity);
  let underWay = 0;
  /** When it last asked for more, or was first sent something after it had. */
  let heardAt = now();
  let closed = false;

  function setHangs(hangs: boolean): void {
    if (subscription.hangs === hangs) return;
    subscription.hangs = hangs;
    onHangs();
  }

  function dispatch(): void {
    while (underWay < windowOf[policy.delivery] && mailbox.size > 0) {
      const packets = mailbox.take(maxPacketsPerEvent, now() - maxAgeMs);
      if (packets.length === 0) continue;
      if (underWay === 0) heardAt = now();
      underWay++;
      link.send(packets, policy.name, askedForMore);
    }
  }

  function askedForMore(): void {
    underWay--;
    heardAt = now();
    setHangs(false);
    if (!closed) dispatch();
  }

  const subscription: Subscription = {
    id,
    workerId: link.workerId,
    policy,
    hangs: false,
    mailbox,
    dispatch,
    tick() {
      if (underWay > 0 && now() - heardAt > hangsAfterMs) setHangs(true);
    },
    close() {
      closed = true;
    },
  };
  return subscription;
}

/** A policy of a worker that is here: what waits for it, and how much it is sent at a time. */
import type { PolicySubscription, RawPacket } from "@physical-ai/unity-protocol";
import type { HubPacket } from "../packet.ts";
import { createMailbox, type Mailbox } from "./worker-mailbox.ts";
import type { Candidate } from "./worker-routes.ts";

/** A worker's connection. */
interface WorkerSocket {
  /** `done` is called when the worker wants more. */
  emit(event: "process_raw", packets: RawPacket[], policy: string, done: () => void): unknown;
}

/** How a worker is reached. */
export interface WorkerLink {
  workerId: string;
  socket: WorkerSocket;
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

interface SubscriptionPlace {
  id: string;
  link: WorkerLink;
  policy: PolicySubscription;
  /** Told when it begins to hang, and when it hangs no longer. */
  onHangs: () => void;
}

/** Arrays under way at a time: `latest` waits for fresher packets, `every` hides the way there and back. */
const windowOf = { latest: 1, every: 2 } as const;

/** Keeps packets for a policy until its worker wants them. */
export class Subscription implements Candidate {
  readonly id: string;
  readonly workerId: string;
  readonly policy: PolicySubscription;
  readonly mailbox: Mailbox;
  readonly #socket: WorkerSocket;
  readonly #onHangs: () => void;
  readonly #options: SubscriptionOptions;
  readonly #now: () => number;
  #underWay = 0;
  /** When it last asked for more, or was first sent something after it had. */
  #heardAt: number;
  #hangs = false;
  #closed = false;

  constructor({ id, link, policy, onHangs }: SubscriptionPlace, options: SubscriptionOptions) {
    this.id = id;
    this.workerId = link.workerId;
    this.policy = policy;
    this.mailbox = createMailbox(policy.delivery, options.mailboxCapacity);
    this.#socket = link.socket;
    this.#onHangs = onHangs;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#heardAt = this.#now();
  }

  get hangs(): boolean {
    return this.#hangs;
  }

  /** Sends what waits, as far as the worker wants it; to be called when something was put into the mailbox. */
  dispatch(): void {
    const { maxPacketsPerEvent, maxAgeMs } = this.#options;
    while (this.#underWay < windowOf[this.policy.delivery] && this.mailbox.size > 0) {
      const packets = this.mailbox.take(maxPacketsPerEvent, this.#now() - maxAgeMs);
      if (packets.length === 0) continue;
      if (this.#underWay === 0) this.#heardAt = this.#now();
      this.#underWay++;
      this.#socket.emit("process_raw", packets, this.policy.name, () => this.#askedForMore());
    }
  }

  /** Notices that the worker has stopped asking; to be called about every second. */
  tick(): void {
    if (this.#underWay > 0 && this.#now() - this.#heardAt > this.#options.hangsAfterMs) this.#setHangs(true);
  }

  /** Sends nothing more. */
  close(): void {
    this.#closed = true;
  }

  #askedForMore(): void {
    this.#underWay--;
    this.#heardAt = this.#now();
    this.#setHangs(false);
    if (!this.#closed) this.dispatch();
  }

  #setHangs(hangs: boolean): void {
    if (this.#hangs === hangs) return;
    this.#hangs = hangs;
    this.#onHangs();
  }
}

/** A packet as workers get it. Unknown fields stay behind: a robot's own `seq` must not pass for the stream's. */
export function rawPacketOf({ packet, receivedAt, streamId, seq }: HubPacket): RawPacket {
  const { robot_id, robot_type, type, val, ts } = packet;
  const raw: RawPacket = { robot_id, robot_type, type, val, received_at: receivedAt };
  if (ts !== undefined) raw.ts = ts;
  if (streamId !== undefined) raw.stream_id = streamId;
  if (seq !== undefined) raw.seq = seq;
  return raw;
}

/** What waits for one policy of one worker: bounded, never in the way of anything else. */
import type { Delivery, RawPacket } from "@physical-ai/unity-protocol";
import { compositeKey } from "../packet.ts";

/** Packets between the hub and a policy that is busy. */
export interface Mailbox {
  /** @param bytes about how much memory the packet takes */
  put(packet: RawPacket, bytes: number): void;
  /**
   * Takes at most `count` packets, oldest first, leaving out those received before `oldest` (epoch ms). Fewer where they
   * are large.
   */
  take(count: number, oldest: number): RawPacket[];
  readonly size: number;
  /** When the packet that waits longest was received, epoch milliseconds; nothing when none waits. */
  readonly oldest: number | undefined;
  /** Packets that were replaced by newer ones, overflowed or grew too old, since the beginning. */
  readonly dropped: number;
}

/** How much memory the packets may take that wait, and those that are taken at once. */
interface MailboxBytes {
  waiting: number;
  taken: number;
}

const defaultBytes: MailboxBytes = { waiting: 32_000_000, taken: 1_000_000 };

/** The mailbox that a delivery asks for. `capacity` bounds it, in packets. */
export function createMailbox(delivery: Delivery, capacity: number, bytes: MailboxBytes = defaultBytes): Mailbox {
  return delivery === "latest" ? new LatestMailbox(capacity, bytes) : new EveryMailbox(capacity, bytes);
}

interface Entry {
  packet: RawPacket;
  bytes: number;
}

const sourceOf = (packet: RawPacket) => compositeKey(packet.robot_id, packet.type);

/** Only the newest packet of each robot and type waits. */
class LatestMailbox implements Mailbox {
  readonly #capacity: number;
  readonly #maxBytes: MailboxBytes;
  readonly #newest = new Map<string, Entry>();
  #waitingBytes = 0;
  #dropped = 0;

  constructor(capacity: number, maxBytes: MailboxBytes) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  put(packet: RawPacket, bytes: number): void {
    const source = sourceOf(packet);
    const before = this.#newest.get(source);
    // Taken out first, so that a robot that sends often does not always come first.
    if (before !== undefined) {
      this.#remove(source, before);
      this.#dropped++;
    }
    if (this.#newest.size >= this.#capacity || this.#waitingBytes + bytes > this.#maxBytes.waiting) {
      this.#dropped++;
      return;
    }
    this.#newest.set(source, { packet, bytes });
    this.#waitingBytes += bytes;
  }

  take(count: number, oldest: number): RawPacket[] {
    const taken: RawPacket[] = [];
    let takenBytes = 0;
    for (const [source, entry] of this.#newest) {
      if (taken.length === count || takenBytes >= this.#maxBytes.taken) break;
      this.#remove(source, entry);
      if (entry.packet.received_at >= oldest) {
        taken.push(entry.packet);
        takenBytes += entry.bytes;
      } else this.#dropped++;
    }
    return taken;
  }

  get size(): number {
    return this.#newest.size;
  }

  get oldest(): number | undefined {
    const [first] = this.#newest.values();
    return first?.packet.received_at;
  }

  get dropped(): number {
    return this.#dropped;
  }

  #remove(source: string, { bytes }: Entry): void {
    this.#newest.delete(source);
    this.#waitingBytes -= bytes;
  }
}

/** Every packet waits; when too many do the oldest go, and the next one of the same robot and type says how many went. */
class EveryMailbox implements Mailbox {
  readonly #capacity: number;
  readonly #maxBytes: MailboxBytes;
  #queue: Entry[] = [];
  #head = 0;
  #waitingBytes = 0;
  #dropped = 0;
  readonly #gaps = new Map<string, number>();

  constructor(capacity: number, maxBytes: MailboxBytes) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  put(packet: RawPacket, bytes: number): void {
    this.#queue.push({ packet, bytes });
    this.#waitingBytes += bytes;
    while (this.size > this.#capacity || this.#waitingBytes > this.#maxBytes.waiting) {
      const oldest = this.#shift();
      if (oldest !== undefined) this.#drop(oldest.packet);
    }
  }

  take(count: number, oldest: number): RawPacket[] {
    const taken: RawPacket[] = [];
    let takenBytes = 0;
    while (taken.length < count && takenBytes < this.#maxBytes.taken) {
      const entry = this.#shift();
      if (entry === undefined) break;
      if (entry.packet.received_at < oldest) {
        this.#drop(entry.packet);
        continue;
      }
      taken.push(this.#withGap(entry.packet));
      takenBytes += entry.bytes;
    }
    return taken;
  }

  get size(): number {
    return this.#queue.length - this.#head;
  }

  get oldest(): number | undefined {
    return this.#queue[this.#head]?.packet.received_at;
  }

  get dropped(): number {
    return this.#dropped;
  }

  #shift(): Entry | undefined {
    const entry = this.#queue[this.#head];
    if (entry === undefined) return undefined;
    this.#head++;
    this.#waitingBytes -= entry.bytes;
    if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  #drop(packet: RawPacket): void {
    const source = sourceOf(packet);
    this.#gaps.set(source, (this.#gaps.get(source) ?? 0) + 1);
    this.#dropped++;
  }

  #withGap(packet: RawPacket): RawPacket {
    const source = sourceOf(packet);
    const gap = this.#gaps.get(source);
    this.#gaps.delete(source);
    return gap === undefined ? packet : { ...packet, gap };
  }
}

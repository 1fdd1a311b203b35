/** What waits for one policy of one worker: bounded, never in the way of anything else. */
import type { Delivery, RawPacket } from "@physical-ai/unity-protocol";
import { compositeKey } from "../../packet.ts";
import { approximateBytes } from "../../storable.ts";

/** Packets between the hub and a policy that is busy. */
export interface Mailbox {
  put(packet: RawPacket): void;
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
export interface MailboxBytes {
  waiting: number;
  taken: number;
}

const defaultBytes: MailboxBytes = { waiting: 32_000_000, taken: 1_000_000 };

/** Makes the mailbox that a delivery asks for. `capacity` bounds it, in packets. */
export function createMailbox(delivery: Delivery, capacity: number, bytes: MailboxBytes = defaultBytes): Mailbox {
  return delivery === "latest" ? createLatestMailbox(capacity, bytes) : createEveryMailbox(capacity, bytes);
}

interface Entry {
  packet: RawPacket;
  bytes: number;
}

const sourceOf = (packet: RawPacket) => compositeKey(packet.robot_id, packet.type);

/** Only the newest packet of each robot and type waits. */
function createLatestMailbox(capacity: number, maxBytes: MailboxBytes): Mailbox {
  const newest = new Map<string, Entry>();
  let waitingBytes = 0;
  let dropped = 0;

  function remove(source: string, { bytes }: Entry): void {
    newest.delete(source);
    waitingBytes -= bytes;
  }

  return {
    put(packet) {
      const source = sourceOf(packet);
      const bytes = approximateBytes(packet.val);
      const before = newest.get(source);
      // Taken out first, so that a robot that sends often does not always come first.
      if (before !== undefined) {
        remove(source, before);
        dropped++;
      }
      if (newest.size >= capacity || waitingBytes + bytes > maxBytes.waiting) {
        dropped++;
        return;
      }
      newest.set(source, { packet, bytes });
      waitingBytes += bytes;
    },
    take(count, oldest) {
      const taken: RawPacket[] = [];
      let takenBytes = 0;
      for (const [source, entry] of newest) {
        if (taken.length === count || takenBytes >= maxBytes.taken) break;
        remove(source, entry);
        if (entry.packet.received_at >= oldest) {
          taken.push(entry.packet);
          takenBytes += entry.bytes;
        } else dropped++;
      }
      return taken;
    },
    get size() {
      return newest.size;
    },
    get oldest() {
      const [first] = newest.values();
      return first?.packet.received_at;
    },
    get dropped() {
      return dropped;
    },
  };
}

/** Every packet waits; when too many do the oldest go, and the next one of the same robot and type says how many went. */
function createEveryMailbox(capacity: number, maxBytes: MailboxBytes): Mailbox {
  let queue: Entry[] = [];
  let head = 0;
  let waitingBytes = 0;
  let dropped = 0;
  const gaps = new Map<string, number>();

  function shift(): Entry | undefined {
    const entry = queue[head];
    if (entry === undefined) return undefined;
    head++;
    waitingBytes -= entry.bytes;
    if (head > 1_024 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    return entry;
  }

  function drop(packet: RawPacket): void {
    const source = sourceOf(packet);
    gaps.set(source, (gaps.get(source) ?? 0) + 1);
    dropped++;
  }

  function withGap(packet: RawPacket): RawPacket {
    const source = sourceOf(packet);
    const gap = gaps.get(source);
    gaps.delete(source);
    return gap === undefined ? packet : { ...packet, gap };
  }

  return {
    put(packet) {
      const bytes = approximateBytes(packet.val);
      queue.push({ packet, bytes });
      waitingBytes += bytes;
      while (queue.length - head > capacity || waitingBytes > maxBytes.waiting) {
        const oldest = shift();
        if (oldest !== undefined) drop(oldest.packet);
      }
    },
    take(count, oldest) {
      const taken: RawPacket[] = [];
      let takenBytes = 0;
      while (taken.length < count && takenBytes < maxBytes.taken) {
        const entry = shift();
        if (entry === undefined) break;
        if (entry.packet.received_at < oldest) {
          drop(entry.packet);
          continue;
        }
        taken.push(withGap(entry.packet));
        takenBytes += entry.bytes;
      }
      return taken;
    },
    get size() {
      return queue.length - head;
    },
    get oldest() {
      return queue[head]?.packet.received_at;
    },
    get dropped() {
      return dropped;
    },
  };
}

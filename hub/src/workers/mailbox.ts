/** What waits for one policy of one worker: bounded, never in the way of anything else. */
import type { Delivery, RawPacket } from "@physical-ai/unity-protocol";

/** Packets between the hub and a policy that is busy. */
export interface Mailbox {
  put(packet: RawPacket): void;
  /** Takes at most `count` packets, oldest first, leaving out those received before `oldest` (epoch ms). */
  take(count: number, oldest: number): RawPacket[];
  readonly size: number;
  /** Packets that were replaced by newer ones, overflowed or grew too old, since the beginning. */
  readonly dropped: number;
}

/** Makes the mailbox that a delivery asks for. `capacity` bounds it, in packets. */
export function createMailbox(delivery: Delivery, capacity: number): Mailbox {
  return delivery === "latest" ? createLatestMailbox(capacity) : createEveryMailbox(capacity);
}

const sourceOf = (packet: RawPacket) => `${packet.robot_id}\u0000${packet.type}`;

/** Only the newest packet of each robot and type waits. */
function createLatestMailbox(capacity: number): Mailbox {
  const newest = new Map<string, RawPacket>();
  let dropped = 0;
  return {
    put(packet) {
      const source = sourceOf(packet);
      // Taken out first, so that a robot that sends often does not always come first.
      if (newest.delete(source)) dropped++;
      else if (newest.size >= capacity) {
        dropped++;
        return;
      }
      newest.set(source, packet);
    },
    take(count, oldest) {
      const taken: RawPacket[] = [];
      for (const [source, packet] of newest) {
        if (taken.length === count) break;
        newest.delete(source);
        if (packet.received_at >= oldest) taken.push(packet);
        else dropped++;
      }
      return taken;
    },
    get size() {
      return newest.size;
    },
    get dropped() {
      return dropped;
    },
  };
}

/** Every packet waits; when too many do the oldest go, and the next one of the same robot and type says how many went. */
function createEveryMailbox(capacity: number): Mailbox {
  let queue: RawPacket[] = [];
  let head = 0;
  let dropped = 0;
  const gaps = new Map<string, number>();

  function shift(): RawPacket | undefined {
    const packet = queue[head];
    head++;
    if (head > 1_024 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    return packet;
  }

  function drop(packet: RawPacket): void {
    const source = sourceOf(packet);
    gaps.set(source, (gaps.get(source) ?? 0) + 1);
    dropped++;
  }

  return {
    put(packet) {
      queue.push(packet);
      if (queue.length - head <= capacity) return;
      const oldest = shift();
      if (oldest !== undefined) drop(oldest);
    },
    take(count, oldest) {
      const taken: RawPacket[] = [];
      while (taken.length < count && head < queue.length) {
        const packet = shift();
        if (packet === undefined) break;
        if (packet.received_at < oldest) {
          drop(packet);
          continue;
        }
        const source = sourceOf(packet);
        const gap = gaps.get(source);
        gaps.delete(source);
        taken.push(gap === undefined ? packet : { ...packet, gap });
      }
      return taken;
    },
    get size() {
      return queue.length - head;
    },
    get dropped() {
      return dropped;
    },
  };
}

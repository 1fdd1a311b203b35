/** What waits for one viewer: the newest telemetry of each robot and type, and every event up to a bound. */
import type { Packet } from "@physical-ai/unity-protocol";
import { compositeKey } from "../../packet.ts";
import { approximateBytes } from "../../storable.ts";

/** How an outbox sees its viewer's connection. */
export interface ViewerLink {
  sendPacket(packet: Packet): void;
  /** False while the viewer does not keep up: nothing is sent then. */
  readonly writable: boolean;
}

/** Bounds and pace of an outbox. */
export interface OutboxOptions {
  /** At most so many updates a second of each robot and type; no limit when missing. */
  maxHz?: number | undefined;
  /** Events that may wait; when more do the oldest go. */
  maxEvents: number;
  now?: () => number;
}

/** Waits for the viewer, never the other way round. */
export interface Outbox {
  /** Telemetry: a newer packet of the same robot and type replaces one that waits. */
  putLatest(packet: Packet): void;
  /** Predictions, commands, events: never merged. */
  putEvent(send: () => void): void;
  /** Sends what may go now; called when the connection has drained. */
  flush(): void;
  /** Events, and values of more robots and types than may wait, that were dropped because the viewer did not keep up. */
  readonly dropped: number;
  close(): void;
}

/** A longer timer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Of the values that wait, one of each robot and type. */
const maxLatest = { count: 20_000, bytes: 64_000_000 };

/** Makes the outbox of one viewer. Whoever makes it closes it. */
export function createOutbox(link: ViewerLink, { maxHz, maxEvents, now = Date.now }: OutboxOptions): Outbox {
  const intervalMs = maxHz === undefined ? 0 : 1_000 / maxHz;
  const latest = new Map<string, { packet: Packet; bytes: number }>();
  let latestBytes = 0;
  const sentAt = new Map<string, number>();
  let events: (() => void)[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;

  const keyOf = (packet: Packet) => compositeKey(packet.robot_id, packet.type);
  const dueAt = (source: string) => (sentAt.get(source) ?? Number.NEGATIVE_INFINITY) + intervalMs;

  function sendLatest(source: string, packet: Packet, time: number): void {
    if (intervalMs > 0) {
      // Without a bound it would grow with every robot that was ever seen.
      if (sentAt.size >= maxLatest.count) sentAt.clear();
      sentAt.set(source, time);
    }
    link.sendPacket(packet);
  }

  function forget(source: string): void {
    latestBytes -= latest.get(source)?.bytes ?? 0;
    latest.delete(source);
  }

  function keep(source: string, packet: Packet): void {
    const bytes = approximateBytes(packet);
    forget(source);
    if (latest.size >= maxLatest.count || latestBytes + bytes > maxLatest.bytes) {
      dropped++;
      return;
    }
    latest.set(source, { packet, bytes });
    latestBytes += bytes;
  }

  function flush(): void {
    while (link.writable) {
      const send = events.shift();
      if (send === undefined) break;
      send();
    }
    let nextDue = Number.POSITIVE_INFINITY;
    const time = now();
    for (const [source, { packet }] of latest) {
      if (!link.writable) return;
      const due = dueAt(source);
      if (due > time) {
        nextDue = Math.min(nextDue, due);
      } else {
        forget(source);
        sendLatest(source, packet, time);
      }
    }
    if (nextDue < Number.POSITIVE_INFINITY) flushAt(nextDue - time);
  }

  function flushAt(delayMs: number): void {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        flush();
      },
      Math.min(delayMs, longestTimerMs),
    );
  }

  return {
    putLatest(packet) {
      const source = keyOf(packet);
      const time = now();
      const due = dueAt(source);
      if (due <= time && link.writable) {
        forget(source);
        return sendLatest(source, packet, time);
      }
      keep(source, packet);
      if (due > time) flushAt(due - time);
    },
    putEvent(send) {
      events.push(send);
      if (events.length > maxEvents) {
        events.shift();
        dropped++;
      }
      if (link.writable) flush();
    },
    flush,
    get dropped() {
      return dropped;
    },
    close() {
      clearTimeout(timer);
      latest.clear();
      latestBytes = 0;
      events = [];
    },
  };
}

/** What waits for one viewer: the newest telemetry of each robot and type, and every event up to a bound. */
import type { Packet } from "@physical-ai/unity-protocol";
import { compositeKey } from "../packet.ts";
import { approximateBytes } from "../storable.ts";

/** How an outbox sees its viewer's connection. */
export interface ViewerLink {
  sendPacket(packet: Packet): void;
  /** False while the viewer does not keep up: nothing is sent then. */
  readonly writable: boolean;
}

/** Bounds and pace of an outbox. */
interface OutboxOptions {
  /** At most so many updates a second of each robot and type; no limit when missing. */
  maxHz?: number | undefined;
  /** Events that may wait; when more do the oldest go. */
  maxEvents: number;
  now?: () => number;
}

/** A longer timer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Of the values that wait, one of each robot and type. */
const maxLatest = { count: 20_000, bytes: 64_000_000 };

/** Waits for the viewer, never the other way round. Whoever makes it closes it. */
export class Outbox {
  readonly #link: ViewerLink;
  readonly #intervalMs: number;
  readonly #maxEvents: number;
  readonly #now: () => number;
  readonly #latest = new Map<string, { packet: Packet; bytes: number }>();
  #latestBytes = 0;
  readonly #sentAt = new Map<string, number>();
  #events: (() => void)[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: ViewerLink, { maxHz, maxEvents, now = Date.now }: OutboxOptions) {
    this.#link = link;
    this.#intervalMs = maxHz === undefined ? 0 : 1_000 / maxHz;
    this.#maxEvents = maxEvents;
    this.#now = now;
  }

  /**
   * Telemetry: a newer packet of the same robot and type replaces one that waits.
   *
   * @param bytes about how much memory the packet takes; measured when it must wait and this is missing
   */
  putLatest(packet: Packet, bytes?: number): void {
    const source = compositeKey(packet.robot_id, packet.type);
    const time = this.#now();
    const due = this.#dueAt(source);
    if (due <= time && this.#link.writable) {
      this.#forget(source);
      this.#sendLatest(source, packet, time);
      return;
    }
    this.#keep(source, packet, bytes ?? approximateBytes(packet));
    if (due > time) this.#flushAt(due - time);
  }

  /** Predictions, commands, events: never merged. */
  putEvent(send: () => void): void {
    this.#events.push(send);
    if (this.#events.length > this.#maxEvents) {
      this.#events.shift();
      this.#dropped++;
    }
    if (this.#link.writable) this.flush();
  }

  /** Sends what may go now; called when the connection has drained. */
  flush(): void {
    while (this.#link.writable) {
      const send = this.#events.shift();
      if (send === undefined) break;
      send();
    }
    let nextDue = Number.POSITIVE_INFINITY;
    const time = this.#now();
    for (const [source, { packet }] of this.#latest) {
      if (!this.#link.writable) return;
      const due = this.#dueAt(source);
      if (due > time) {
        nextDue = Math.min(nextDue, due);
      } else {
        this.#forget(source);
        this.#sendLatest(source, packet, time);
      }
    }
    if (nextDue < Number.POSITIVE_INFINITY) this.#flushAt(nextDue - time);
  }

  /** Events, and values of more robots and types than may wait, that were dropped because the viewer did not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#latest.clear();
    this.#latestBytes = 0;
    this.#events = [];
  }

  #dueAt(source: string): number {
    return (this.#sentAt.get(source) ?? Number.NEGATIVE_INFINITY) + this.#intervalMs;
  }

  #sendLatest(source: string, packet: Packet, time: number): void {
    if (this.#intervalMs > 0) {
      // Without a bound it would grow with every robot that was ever seen.
      if (this.#sentAt.size >= maxLatest.count) this.#sentAt.clear();
      this.#sentAt.set(source, time);
    }
    this.#link.sendPacket(packet);
  }

  #keep(source: string, packet: Packet, bytes: number): void {
    this.#forget(source);
    if (this.#latest.size >= maxLatest.count || this.#latestBytes + bytes > maxLatest.bytes) {
      this.#dropped++;
      return;
    }
    this.#latest.set(source, { packet, bytes });
    this.#latestBytes += bytes;
  }

  #forget(source: string): void {
    this.#latestBytes -= this.#latest.get(source)?.bytes ?? 0;
    this.#latest.delete(source);
  }

  #flushAt(delayMs: number): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.flush();
      },
      Math.min(delayMs, longestTimerMs),
    );
  }
}

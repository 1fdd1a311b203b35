/** Packets on their way to the disk: those that come together are written together. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Packet } from "@physical-ai/unity-protocol";
import { relayGap } from "../gap.ts";
import { type EncodedEntry, encodePacket } from "./block.ts";
import type { FsyncPolicy } from "./fsync-policy.ts";
import type { IsKeptType } from "./quota.ts";

/** Packets that the disk has not yet taken may hold so much memory; telemetry that comes then is dropped. */
const maxWaitingBytes = 16 * 1024 * 1024;
/** So many packets are worth an fsync of their own. */
const worthAnFsync = 64;
const tooSlow = "the relay's disk was full or too slow";

/** A packet, and what is written of it. */
interface EncodedPacket {
  packet: Packet;
  bytes: Buffer;
}

/** Packets of one `append`, encoded. */
export interface Arrival {
  packets: readonly EncodedPacket[];
  /** How many came before these and were dropped, because too much was waiting. */
  lost: number;
  /** The newest packet's. */
  robot: Pick<Packet, "robot_id" | "robot_type">;
}

/** Arrivals in the order in which they came; answers each one's last position when they are written. */
type WriteArrivals = (arrivals: readonly Arrival[]) => Promise<readonly number[]>;

interface Waiting extends Arrival {
  written: (lastPosition: number) => void;
  failed: (error: unknown) => void;
}

interface AppendQueueOptions {
  write: WriteArrivals;
  fsync: FsyncPolicy;
  isKept: IsKeptType;
}

export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #nextWriteAt = 0;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  /** Resolves with the last one's position when the packets are written; rejects when they cannot be. */
  push(packets: readonly Packet[], robot: Arrival["robot"]): Promise<number> {
    const full = this.#waitingBytes > maxWaitingBytes;
    const kept = full ? packets.filter(({ type }) => this.#options.isKept(type)) : packets;
    const encoded = kept.map((packet) => ({ packet, bytes: encodePacket(packet) }));
    const arrival = { packets: encoded, lost: packets.length - kept.length, robot };
    return new Promise((written, failed) => {
      this.#waiting.push({ ...arrival, written, failed });
      this.#waitingBytes += bytesOf(arrival);
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#untilWorthIt();
      const waiting = this.#waiting;
      this.#waiting = [];
      await this.#write(waiting);
      this.#waitingBytes -= waiting.reduce((bytes, arrival) => bytes + bytesOf(arrival), 0);
    }
    this.#writing = undefined;
  }

  async #write(waiting: readonly Waiting[]): Promise<void> {
    try {
      const lasts = await this.#options.write(waiting);
      for (const [index, last] of lasts.entries()) waiting[index]?.written(last);
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  /** Lets a few packets wait a moment for others, so that they share an fsync. The first after a pause does not wait. */
  async #untilWorthIt(): Promise<void> {
    const { fsync } = this.#options;
    if (fsync.kind !== "group") return;
    const packets = this.#waiting.reduce((sum, arrival) => sum + arrival.packets.length, 0);
    const waitMs = this.#nextWriteAt - performance.now();
    if (waitMs > 0 && packets < worthAnFsync) await sleep(waitMs);
    this.#nextWriteAt = performance.now() + fsync.withinMs;
  }
}

/** Gives arrivals the positions after `last`. Lost packets take positions too: a gap stands at the last of them. */
export function layOut(
  arrivals: readonly Arrival[],
  last: number,
): { entries: EncodedEntry[]; lasts: number[]; lastGap: number } {
  const entries: EncodedEntry[] = [];
  const lasts: number[] = [];
  let position = last;
  let lastGap = 0;
  let missing: { from: number; robot: Arrival["robot"] } | undefined;
  const endGap = () => {
    if (missing === undefined) return;
    const range = { firstSeq: missing.from, lastSeq: position, reason: tooSlow };
    entries.push({ position, bytes: encodePacket(relayGap(missing.robot, range)) });
    lastGap = position;
    missing = undefined;
  };
  for (const { packets, lost, robot } of arrivals) {
    if (lost > 0) missing = { from: missing?.from ?? position + 1, robot };
    position += lost;
    if (packets.length > 0) endGap();
    for (const { bytes } of packets) {
      position += 1;
      entries.push({ position, bytes });
    }
    lasts.push(position);
  }
  endGap();
  return { entries, lasts, lastGap };
}

function bytesOf({ packets }: Arrival): number {
  return packets.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

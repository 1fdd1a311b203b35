/** A packet log in memory: fast, bounded, and gone with the process. */
import { randomUUID } from "node:crypto";
import type { Packet } from "@physical-ai/unity-protocol";
import { firstSeqCovered, gapOf, relayGap, withRange } from "./gap.ts";
import type { PacketLog, PacketRun, ReadLimit, Resumption } from "./packet-log.ts";

/** The memory that packets may take when nothing else is said: fits a Raspberry Pi with 1 GB. */
const defaultMaxBytes = 64 * 1024 * 1024;
/** Freed places at the front of the array are given back in portions of at least this many. */
const compactFrom = 1_024;

export interface MemoryLogOptions {
  /** The quota in bytes (packet sizes are estimated); the oldest packets go when it is full. */
  maxBytes?: number;
  /** Made anew when missing. */
  streamId?: string;
}

interface KeptPacket {
  packet: Packet;
  bytes: number;
}

export class MemoryLog implements PacketLog {
  readonly streamId: string;
  readonly maxBytes: number;
  /** Entries before `#head` are forgotten; the one at `#head` has the number `#firstSeq`. */
  #entries: (KeptPacket | undefined)[] = [];
  #head = 0;
  #firstSeq = 1;
  #bytes = 0;
  #dropped = 0;
  #newest: Packet | undefined;

  constructor({ streamId = randomUUID(), maxBytes = defaultMaxBytes }: MemoryLogOptions = {}) {
    this.streamId = streamId;
    this.maxBytes = maxBytes;
  }

  get firstSeq(): number {
    return this.#firstSeq;
  }

  get lastSeq(): number {
    return this.#firstSeq + this.#length - 1;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(packets: readonly Packet[]): Promise<number> {
    for (const packet of packets) {
      const entry = kept(packet);
      this.#entries.push(entry);
      this.#bytes += entry.bytes;
    }
    this.#newest = packets.at(-1) ?? this.#newest;
    this.#keepQuota();
    return this.lastSeq;
  }

  async read(fromSeq: number, limit: ReadLimit): Promise<PacketRun> {
    const firstSeq = Math.max(fromSeq, this.#firstSeq);
    const packets: Packet[] = [];
    let bytes = 0;
    for (let seq = firstSeq; packets.length < limit.maxPackets; seq += 1) {
      const entry = this.#at(seq);
      if (entry === undefined) break;
      bytes += entry.bytes;
      if (packets.length > 0 && bytes > limit.maxBytes) break;
      packets.push(entry.packet);
    }
    return { firstSeq, packets };
  }

  async trim(upToSeq: number): Promise<void> {
    while (this.#length > 0 && this.#firstSeq <= upToSeq) this.#shift();
    this.#shortenFirstGap(upToSeq + 1);
  }

  async replace(seq: number, packet: Packet): Promise<void> {
    this.#put(seq, packet);
  }

  async resume(committedSeq: number): Promise<Resumption> {
    const wanted = committedSeq + 1;
    if (committedSeq > this.lastSeq) {
      this.#renumber(wanted);
      return "hub_ahead";
    }
    const kept = this.#firstSeqCovered();
    if (wanted < kept) {
      this.#coverTrimmed(wanted, kept - 1);
      return "hub_behind";
    }
    await this.trim(committedSeq);
    return "continues";
  }

  async close(): Promise<void> {
    await this.trim(this.lastSeq);
  }

  get #length(): number {
    return this.#entries.length - this.#head;
  }

  #at(seq: number): KeptPacket | undefined {
    return seq < this.#firstSeq ? undefined : this.#entries[this.#head + seq - this.#firstSeq];
  }

  /** The first number that the kept packets stand for, gaps included. */
  #firstSeqCovered(): number {
    const first = this.#at(this.#firstSeq);
    return first === undefined ? this.#firstSeq : firstSeqCovered(first.packet, this.#firstSeq);
  }

  #put(seq: number, packet: Packet): void {
    const old = this.#at(seq);
    if (old === undefined) return;
    const entry = kept(packet);
    this.#entries[this.#head + seq - this.#firstSeq] = entry;
    this.#bytes += entry.bytes - old.bytes;
  }

  #shift(): KeptPacket | undefined {
    const entry = this.#entries[this.#head];
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    this.#firstSeq += 1;
    this.#bytes -= entry?.bytes ?? 0;
    if (this.#head >= compactFrom && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  /** Puts a packet before the first kept one. */
  #unshift(packet: Packet): void {
    const entry = kept(packet);
    if (this.#head === 0) this.#entries.unshift(entry);
    else {
      this.#head -= 1;
      this.#entries[this.#head] = entry;
    }
    this.#firstSeq -= 1;
    this.#bytes += entry.bytes;
  }

  #keepQuota(): void {
    const from = this.#firstSeqCovered();
    let newest: Packet | undefined;
    while (this.#bytes > this.maxBytes && this.#length > 1) {
      newest = this.#shift()?.packet;
      if (newest !== undefined && gapOf(newest) === undefined) this.#dropped += 1;
    }
    if (newest === undefined) return;
    this.#unshift(
      relayGap(newest, { firstSeq: from, lastSeq: this.#firstSeq - 1, reason: "the relay's buffer was full" }),
    );
  }

  #shortenFirstGap(firstSeq: number): void {
    const first = this.#at(this.#firstSeq);
    const gap = first && gapOf(first.packet);
    if (first === undefined || gap === undefined || gap.first_seq >= firstSeq) return;
    this.#put(this.#firstSeq, withRange(first.packet, { firstSeq, lastSeq: gap.last_seq }));
  }

  /** The hub wants `firstSeq … lastSeq`, which it once acknowledged: a gap before the first kept packet says so. */
  #coverTrimmed(firstSeq: number, lastSeq: number): void {
    const first = this.#at(this.#firstSeq);
    if (first !== undefined && gapOf(first.packet) !== undefined) {
      this.#put(this.#firstSeq, withRange(first.packet, { firstSeq, lastSeq: this.#firstSeq }));
    } else if (this.#newest !== undefined) {
      const reason = "the hub had acknowledged these and no longer has them";
      this.#unshift(relayGap(this.#newest, { firstSeq, lastSeq, reason }));
    }
  }

  /** Moves all kept packets so that the first number they stand for is `wanted`. */
  #renumber(wanted: number): void {
    const shift = wanted - this.#firstSeqCovered();
    this.#firstSeq += shift;
    for (let seq = this.#firstSeq; seq <= this.lastSeq; seq += 1) {
      const packet = this.#at(seq)?.packet;
      const gap = packet && gapOf(packet);
      if (packet === undefined || gap === undefined) continue;
      this.#put(seq, withRange(packet, { firstSeq: gap.first_seq + shift, lastSeq: gap.last_seq + shift }));
    }
  }
}

function kept(packet: Packet): KeptPacket {
  return { packet, bytes: sizeOf(packet) };
}

const bytesPerNumber = 8;
const bytesPerKey = 4;

/** How many bytes a packet, or a value in it, takes on the wire: near enough for a quota, without encoding it. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length + 3;
  if (typeof value !== "object" || value === null) return bytesPerNumber;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((bytes, item) => bytes + sizeOf(item), 2);
  return Object.entries(value).reduce((bytes, [key, item]) => bytes + key.length + bytesPerKey + sizeOf(item), 2);
}

/** The newest packets, in memory: a hub that keeps up is served without reading the disk. */
import type { Packet } from "@physical-ai/unity-protocol";
import type { ReadLimit } from "../packet-log.ts";
import type { Entry } from "./entry.ts";

const maxPackets = 2_000;
const maxBytes = 2 * 1024 * 1024;

/** A packet and how many bytes it takes when it is encoded. */
export interface SizedPacket {
  packet: Packet;
  size: number;
}

/** Packets of consecutive positions. */
export class RecentPackets {
  #first = 1;
  #packets: SizedPacket[] = [];
  #bytes = 0;

  /** Adds packets that end at the position `last`. Older ones go when there are too many. */
  add(packets: readonly SizedPacket[], last: number): void {
    const first = last - packets.length + 1;
    if (first !== this.#first + this.#packets.length) this.clear();
    if (this.#packets.length === 0) this.#first = first;
    for (const sized of packets) {
      this.#packets.push(sized);
      this.#bytes += sized.size;
    }
    if (this.#packets.length > maxPackets || this.#bytes > maxBytes) this.#forgetHalf();
  }

  /** Packets from a position on, within the limit and at least one; undefined when they are not here. */
  from(position: number, limit: ReadLimit): Entry[] | undefined {
    const start = position - this.#first;
    if (start < 0 || start >= this.#packets.length) return undefined;
    const entries: Entry[] = [];
    let bytes = 0;
    for (let index = start; entries.length < limit.maxPackets; index += 1) {
      const sized = this.#packets[index];
      bytes += sized?.size ?? 0;
      if (sized === undefined || (entries.length > 0 && bytes > limit.maxBytes)) break;
      entries.push({ position: this.#first + index, packet: sized.packet });
    }
    return entries;
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }

  #forgetHalf(): void {
    let bytes = 0;
    let keep = 0;
    while (keep < maxPackets / 2 && keep < this.#packets.length) {
      bytes += this.#packets.at(-1 - keep)?.size ?? 0;
      if (bytes > maxBytes / 2) break;
      keep += 1;
    }
    this.#first += this.#packets.length - keep;
    this.#packets = this.#packets.slice(this.#packets.length - keep);
    this.#bytes = this.#packets.reduce((sum, { size }) => sum + size, 0);
  }
}

/** What a disk log holds now: its state, its blocks, and the newest packets. Everything is read and changed through it. */
import type { Packet } from "@physical-ai/unity-protocol";
import type { ReadLimit } from "../packet-log.ts";
import {
  type Block,
  bytesOf,
  covers,
  decodeBlock,
  type EncodedEntry,
  type Entry,
  encodeEntries,
  toBlocks,
} from "./block.ts";
import type { LogState, LogStore } from "./level-store.ts";

/** A block grows to about so many bytes. */
const largestBlock = 64 * 1024;

/** What changes at once. */
interface ContentChange {
  remove?: readonly Block[];
  /** One of them may be put in the place of a removed one. */
  put?: readonly Block[];
  state?: Partial<LogState>;
  /** Resolve when it is on the disk, not only with the operating system. */
  sync: boolean;
}

/** Entries in a row; `missingTo` when what should be there is damaged or gone, up to that position. */
interface Run {
  entries: Entry[];
  missingTo?: number;
}

/** Changes of it run in turn; reading, and `forget`, do not wait for them. */
export class LogContent {
  readonly store: LogStore;
  readonly #maxBlockBytes: number;
  readonly #recent = new RecentPackets();
  #state: LogState;
  #trimmedTo: number;
  #first: number;

  /** @param maxBytes the quota: blocks are small against it */
  constructor(store: LogStore, maxBytes: number) {
    this.store = store;
    this.#maxBlockBytes = Math.min(largestBlock, maxBytes / 16);
    this.#state = store.openedState;
    this.#trimmedTo = this.#state.trimmedTo;
    this.#first = this.#trimmedTo + 1;
  }

  /** What the store holds, except that `trimmedTo` below may be ahead of it. */
  get state(): Readonly<LogState> {
    return this.#state;
  }

  /** Everything up to here is forgotten. */
  get trimmedTo(): number {
    return this.#trimmedTo;
  }

  /** The position of the oldest packet that is kept; the one after the newest when nothing is. */
  get first(): number {
    return this.#first;
  }

  /** Changes blocks and state at once. */
  async change({ remove = [], put = [], state: changed, sync }: ContentChange): Promise<void> {
    const bytes = this.#state.bytes + bytesOf(put) - bytesOf(remove);
    const state = { ...this.#state, trimmedTo: this.#trimmedTo, bytes, ...changed };
    await this.store.write({ put, remove: remove.map((block) => block.last), state, sync });
    this.#state = state;
    this.#trimmedTo = changed?.trimmedTo ?? this.#trimmedTo;
  }

  /** Changes what is kept already, which the newest packets in memory may be part of. */
  async rewrite(change: ContentChange): Promise<void> {
    this.#recent.clear();
    await this.change(change);
  }

  /** Puts an entry in the place of the one at its position; does nothing where there is none. */
  async replace(entry: Entry): Promise<void> {
    const block = await this.blockAt(entry.position);
    const entries = block && decodeBlock(block);
    if (block === undefined || !entries?.some(({ position }) => position === entry.position)) return;
    const changed = entries.map((other) => (other.position === entry.position ? entry : other));
    await this.rewrite({ remove: [block], put: this.toBlocks(encodeEntries(changed)), sync: true });
  }

  /** Keeps packets in memory, too, that were written up to the position `last`. */
  remember(packets: readonly SizedPacket[], last: number): void {
    this.#recent.add(packets, last);
  }

  /** Forgets packets up to a position; the store hears of it with the next change. */
  forget(upTo: number): void {
    this.#trimmedTo = upTo;
    this.#first = upTo + 1;
  }

  /** Finds the oldest packet that is kept where it may not be the one after what is forgotten: a gap comes later. */
  async findFirst(): Promise<void> {
    for (;;) {
      const trimmedTo = this.#trimmedTo;
      const entry = await this.#entryAt(trimmedTo + 1);
      if (trimmedTo !== this.#trimmedTo) continue;
      this.#first = entry?.position ?? trimmedTo + 1;
      return;
    }
  }

  toBlocks(entries: readonly EncodedEntry[]): Block[] {
    return toBlocks(entries, this.#maxBlockBytes);
  }

  /** The block that holds a position, or the first one after it. */
  async blockAt(position: number): Promise<Block | undefined> {
    for await (const block of this.store.blocks(position, this.#state.last)) return block;
    return undefined;
  }

  /** Entries the first of which stands for `from`. */
  async run(from: number, limit: ReadLimit): Promise<Run> {
    const recent = this.#recent.from(from, limit);
    return recent === undefined ? this.#storedRun(from, limit) : { entries: recent };
  }

  async #storedRun(from: number, limit: ReadLimit): Promise<Run> {
    const { last } = this.#state;
    const entries: Entry[] = [];
    let bytes = 0;
    for await (const block of this.store.blocks(from, last)) {
      const decoded = decodeBlock(block);
      if (decoded === undefined) return entries.length > 0 ? { entries } : { entries, missingTo: block.last };
      const size = block.bytes.length / decoded.length;
      for (const entry of decoded) {
        if (entry.position < from) continue;
        const before = entries.at(-1);
        if (before === undefined && covers(entry) > from) return { entries, missingTo: entry.position - 1 };
        if (before !== undefined && entry.position !== before.position + 1) return { entries };
        if (before !== undefined && bytes + size > limit.maxBytes) return { entries };
        entries.push(entry);
        bytes += size;
        if (entries.length >= limit.maxPackets) return { entries };
      }
    }
    return entries.length === 0 && from <= last ? { entries, missingTo: last } : { entries };
  }

  /** The first entry at or after a position. */
  async #entryAt(position: number): Promise<Entry | undefined> {
    const block = await this.blockAt(position);
    return block && decodeBlock(block)?.find((entry) => entry.position >= position);
  }
}

/** So much of the newest is in memory. */
const maxPackets = 2_000;
const maxBytes = 2 * 1024 * 1024;

/** A packet and how many bytes it takes when it is encoded. */
interface SizedPacket {
  packet: Packet;
  size: number;
}

/** The newest packets, of consecutive positions: a hub that keeps up is served without reading the disk. */
class RecentPackets {
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

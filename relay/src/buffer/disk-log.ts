/**
 * A packet log on disk: it survives the death of the process at any moment, and a power-off as its fsync policy says.
 *
 * Packets lie in blocks in an ordered store. What changes the log runs in turn; reading does not wait for it.
 */
import { randomUUID } from "node:crypto";
import type { Packet } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { AppendQueue, type Arrival, layOut } from "./disk/append-queue.ts";
import { type Block, decodeBlock, encodeEntries, toBlocks } from "./disk/block.ts";
import { dropTelemetry, firstCovered } from "./disk/drop-telemetry.ts";
import { covers, type Entry, gapStart, shifted } from "./disk/entry.ts";
import { freeBytes } from "./disk/free-space.ts";
import { type FsyncPolicy, groupFsync } from "./disk/fsync-policy.ts";
import { type IsKeptType, keptTypes } from "./disk/kept-types.ts";
import { type LogState, type LogStore, openLogStore } from "./disk/log-store.ts";
import { RecentPackets } from "./disk/recent-packets.ts";
import { createSerialQueue } from "./disk/serial-queue.ts";
import type { PacketLog, PacketRun, ReadLimit, Resumption } from "./packet-log.ts";
import { relayGap, withRange } from "./relay-gap.ts";

const mebibyte = 1024 * 1024;
/** The quota when nothing else is said. */
const defaultMaxBytes = 1024 * mebibyte;
/** Telemetry is dropped in portions of about so many bytes. */
const dropPortion = mebibyte;
/** A block grows to about so many bytes. */
const largestBlock = 64 * 1024;
/** Forgotten packets are removed when there are so many … */
const sweepPackets = 5_000;
/** … or after so long. */
const sweepMs = 1_000;
/** So many blocks are removed at once. */
const sweepBlocks = 1_000;
/** So much removed data is worth the work to give its place on the disk back. */
const reclaimBytes = 16 * mebibyte;

export interface DiskLogOptions {
  /** Made when it is missing; the stream's id is made with it. */
  folder: string;
  /** The quota in bytes of encoded packets; the oldest telemetry goes when it is full. 1 GiB when missing. */
  maxBytes?: number | undefined;
  /** `groupFsync` when missing. */
  fsync?: FsyncPolicy | undefined;
  /** Packets of these types are never dropped; `keptTypes()` when missing. */
  isKept?: IsKeptType | undefined;
}

/**
 * Opens the log in a folder. One process at a time may have it open.
 *
 * @throws Error that says what is wrong with the folder and what to do
 */
export async function openDiskLog({ logger }: { logger: Logger }, options: DiskLogOptions): Promise<PacketLog> {
  const store = await openLogStore(options.folder, randomUUID, logger);
  try {
    const log = new DiskLog(store, logger, options);
    await log.begin();
    return log;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class DiskLog implements PacketLog {
  readonly #store: LogStore;
  readonly #logger: Logger;
  readonly #maxBytes: number;
  readonly #fsync: FsyncPolicy;
  readonly #isKept: IsKeptType;
  readonly #inTurn = createSerialQueue();
  readonly #arriving: AppendQueue;
  readonly #recent = new RecentPackets();
  /** What the store holds, except that `#trimmedTo` may be ahead of it. */
  #state: LogState;
  #trimmedTo: number;
  #first: number;
  #dropped = 0;
  /** Before this position there is no telemetry to drop. */
  #dropFrom = 0;
  #saysFull = false;
  #reclaimable = 0;
  #closed = false;
  #fsyncTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  /** A sweep waits for its turn. */
  #sweepWaits = false;

  constructor(store: LogStore, logger: Logger, options: DiskLogOptions) {
    const { maxBytes = defaultMaxBytes, fsync = groupFsync, isKept = keptTypes() } = options;
    this.#store = store;
    this.#logger = logger;
    this.#maxBytes = maxBytes;
    this.#fsync = fsync;
    this.#isKept = isKept;
    this.#arriving = new AppendQueue({ write: (arrivals) => this.#inTurn(() => this.#write(arrivals)), fsync, isKept });
    this.#state = store.openedState;
    this.#trimmedTo = this.#state.trimmedTo;
    this.#first = this.#trimmedTo + 1;
  }

  get streamId(): string {
    return this.#store.streamId;
  }

  get lastSeq(): number {
    return this.#state.last + this.#state.shift;
  }

  get firstSeq(): number {
    return this.#first + this.#state.shift;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Takes up what an earlier process left. Packets that come from now on have not been sent; should the hub know their
   * numbers already, because a power-off took the packets that had them, `resume` gives them others.
   */
  async begin(): Promise<void> {
    const { last, unsentAfter } = this.#state;
    const newest = Math.max(this.#trimmedTo, (await this.#store.newestBlock()) ?? 0);
    if (newest < last) await this.#cover(newest + 1, last);
    await this.#change({ sync: true, state: { unsentAfter: unsentAfter ?? last } });
    await this.#findFirst();
    await this.#keepQuota();
    const free = await freeBytes(this.#store.folder);
    if (free + this.#state.bytes < this.#maxBytes) {
      this.#logger.warn({ free, quota: this.#maxBytes }, "the relay's disk quota is larger than the disk has room for");
    }
  }

  async append(packets: readonly Packet[]): Promise<number> {
    if (this.#closed) throw new Error("the relay's log is closed");
    const newest = packets.at(-1);
    if (newest === undefined) return this.lastSeq;
    const { robot_id, robot_type } = newest;
    return (await this.#arriving.push(packets, { robot_id, robot_type })) + this.#state.shift;
  }

  async read(fromSeq: number, limit: ReadLimit): Promise<PacketRun> {
    for (;;) {
      const { shift } = this.#state;
      const trimmedTo = this.#trimmedTo;
      const from = Math.max(fromSeq - shift, trimmedTo + 1);
      const recent = this.#recent.from(from, limit);
      const { entries, missingTo } = recent === undefined ? await this.#readRun(from, limit) : { entries: recent };
      if (missingTo === undefined) {
        const packets = entries.map((entry) => shifted(entry, shift, Math.max(covers(entry), trimmedTo + 1)));
        return { firstSeq: (entries[0]?.position ?? Math.max(from, this.#first)) + shift, packets };
      }
      await this.#inTurn(() => this.#coverDamage(from));
    }
  }

  async trim(upToSeq: number): Promise<void> {
    const upTo = Math.min(upToSeq - this.#state.shift, this.#state.last);
    if (upTo <= this.#trimmedTo) return;
    this.#trimmedTo = upTo;
    if (upTo >= this.#state.sparseTo) this.#first = upTo + 1;
    else await this.#inTurn(() => this.#findFirst());
    this.#sweepLater();
  }

  async replace(seq: number, packet: Packet): Promise<void> {
    await this.#inTurn(async () => {
      const { shift } = this.#state;
      const position = seq - shift;
      const block = await this.#blockAt(position);
      const entries = block && decodeBlock(block);
      if (block === undefined || !entries?.some((entry) => entry.position === position)) return;
      const given = { position: seq, packet };
      const inPlace = { position, packet: shifted(given, -shift, covers(given)) };
      this.#recent.clear();
      const changed = entries.map((entry) => (entry.position === position ? inPlace : entry));
      await this.#change({ remove: [block], put: this.#toBlocks(changed), sync: true });
    });
  }

  resume(committedSeq: number): Promise<Resumption> {
    return this.#inTurn(async () => {
      this.#recent.clear();
      const resumption = await this.#fitTo(committedSeq - this.#state.shift);
      // On the disk before anything is sent: whatever has been sent keeps its number.
      if (this.#state.unsentAfter !== null) await this.#change({ sync: true, state: { unsentAfter: null } });
      await this.#findFirst();
      this.#sweepLater();
      return resumption;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#store.giveUp();
    clearTimeout(this.#sweepTimer);
    clearTimeout(this.#fsyncTimer);
    try {
      await this.#arriving.idle();
      await this.#inTurn(() => this.#sweep());
      await this.#inTurn(() => this.#change({ sync: true }));
    } finally {
      await this.#store.close();
    }
  }

  async #write(arrivals: readonly Arrival[]): Promise<number[]> {
    const { entries, lasts, lastGap } = layOut(arrivals, this.#state.last);
    const last = lasts.at(-1) ?? this.#state.last;
    const sparseTo = Math.max(this.#state.sparseTo, lastGap);
    const robot = arrivals.at(-1)?.robot ?? this.#state.robot;
    const put = toBlocks(entries, this.#maxBlockBytes);
    await this.#change({ put, sync: this.#fsync.kind === "group", state: { last, sparseTo, robot } });
    this.#remember(arrivals, lasts);
    this.#dropped += arrivals.reduce((sum, { lost }) => sum + lost, 0);
    this.#fsyncLater();
    await this.#keepQuota();
    return lasts;
  }

  #remember(arrivals: readonly Arrival[], lasts: readonly number[]): void {
    for (const [index, { packets }] of arrivals.entries()) {
      const sized = packets.map(({ packet, bytes }) => ({ packet, size: bytes.length }));
      this.#recent.add(sized, lasts[index] ?? this.#state.last);
    }
  }

  /** Changes blocks and state at once. A block may be put in the place of a removed one. */
  async #change(change: {
    remove?: readonly Block[];
    put?: readonly Block[];
    state?: Partial<LogState>;
    sync: boolean;
  }): Promise<void> {
    const { remove = [], put = [], sync } = change;
    const bytes = this.#state.bytes + bytesOf(put) - bytesOf(remove);
    const state = { ...this.#state, trimmedTo: this.#trimmedTo, bytes, ...change.state };
    await this.#store.write({ put, remove: remove.map((block) => block.last), state, sync });
    this.#state = state;
    this.#reclaimable += bytesOf(remove);
  }

  /** Runs what nobody waits for. */
  #inBackground(task: () => Promise<void>): void {
    this.#inTurn(task).catch((error) => {
      if (!this.#closed) this.#logger.error({ err: error }, "the relay's log could not be tidied up");
    });
  }

  #fsyncLater(): void {
    if (this.#fsync.kind !== "interval" || this.#fsyncTimer !== undefined) return;
    this.#fsyncTimer = setTimeout(() => {
      this.#fsyncTimer = undefined;
      this.#inBackground(() => this.#change({ sync: true }));
    }, this.#fsync.ms);
  }

  #toBlocks(entries: readonly Entry[]): Block[] {
    return toBlocks(encodeEntries(entries), this.#maxBlockBytes);
  }

  /** Entries in a row, the first of which stands for `from`; `missingTo` when what should be there is damaged or gone. */
  async #readRun(from: number, limit: ReadLimit): Promise<{ entries: Entry[]; missingTo?: number }> {
    const { last } = this.#state;
    const entries: Entry[] = [];
    let bytes = 0;
    for await (const block of this.#store.blocks(from, last)) {
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

  async #blockAt(position: number): Promise<Block | undefined> {
    for await (const block of this.#store.blocks(position, this.#state.last)) return block;
    return undefined;
  }

  /** The first packet that is not forgotten. */
  async #firstEntry(): Promise<Entry | undefined> {
    const position = this.#trimmedTo + 1;
    const block = await this.#blockAt(position);
    return block && decodeBlock(block)?.find((entry) => entry.position >= position);
  }

  async #findFirst(): Promise<void> {
    for (;;) {
      const trimmedTo = this.#trimmedTo;
      const entry = await this.#firstEntry();
      if (trimmedTo !== this.#trimmedTo) continue;
      this.#first = entry?.position ?? trimmedTo + 1;
      return;
    }
  }

  // Fitting to the hub

  async #fitTo(committed: number): Promise<Resumption> {
    const { last, unsentAfter } = this.#state;
    if (committed > Math.max(unsentAfter ?? last, this.#trimmedTo)) {
      await this.#follow(committed);
      return "hub_ahead";
    }
    if (committed < this.#trimmedTo) {
      await this.#coverTrimmed(committed);
      return "hub_behind";
    }
    this.#trimmedTo = committed;
    return "continues";
  }

  /** The hub has packets that this log does not know: what was not sent follows them. */
  async #follow(committed: number): Promise<void> {
    const { shift, unsentAfter } = this.#state;
    const trimmedTo = Math.max(this.#trimmedTo, unsentAfter ?? 0);
    await this.#change({ sync: true, state: { trimmedTo, shift: shift + committed - trimmedTo, unsentAfter: null } });
    this.#trimmedTo = trimmedTo;
  }

  /** The hub wants packets again that it acknowledged and that are gone: a gap says so. */
  async #coverTrimmed(committed: number): Promise<void> {
    await this.#sweep();
    const trimmedTo = this.#trimmedTo;
    const block = await this.#blockAt(trimmedTo + 1);
    const entries = (block && decodeBlock(block)) ?? [];
    const kept = entries.filter(({ position }) => position > trimmedTo);
    const [first] = kept;
    const state = { trimmedTo: committed, sweptTo: committed, sparseTo: Math.max(this.#state.sparseTo, trimmedTo) };
    const remove = block === undefined ? [] : [block];
    if (first !== undefined && gapStart(first) !== undefined) {
      const packet = withRange(first.packet, { firstSeq: committed + 1, lastSeq: first.position });
      const put = this.#toBlocks([{ ...first, packet }, ...kept.slice(1)]);
      await this.#change({
        remove,
        put,
        sync: true,
        state: { ...state, sparseTo: Math.max(state.sparseTo, first.position) },
      });
    } else {
      const reason = "the hub had acknowledged these and no longer has them";
      const packet = relayGap(this.#state.robot, { firstSeq: committed + 1, lastSeq: trimmedTo, reason });
      await this.#change({
        remove,
        put: this.#toBlocks([{ position: trimmedTo, packet }, ...kept]),
        sync: true,
        state,
      });
    }
    this.#trimmedTo = committed;
  }

  // Damage

  async #coverDamage(from: number): Promise<void> {
    const stillFrom = Math.max(from, this.#trimmedTo + 1);
    const { missingTo } = await this.#readRun(stillFrom, { maxPackets: 1, maxBytes: 0 });
    if (missingTo !== undefined) await this.#cover(stillFrom, missingTo);
  }

  /** Says that packets are gone which the disk should have kept. */
  async #cover(from: number, to: number): Promise<void> {
    this.#logger.error(
      { first_seq: from + this.#state.shift, packets: to - from + 1 },
      "the disk lost packets; a gap says so",
    );
    this.#recent.clear();
    const damaged = await this.#blockAt(to);
    const packet = relayGap(this.#state.robot, { firstSeq: from, lastSeq: to, reason: "the relay's disk lost these" });
    const remove = damaged?.last === to ? [damaged] : [];
    const sparseTo = Math.max(this.#state.sparseTo, to);
    await this.#change({ remove, put: this.#toBlocks([{ position: to, packet }]), sync: true, state: { sparseTo } });
  }

  // Making room

  #sweepLater(): void {
    if (this.#trimmedTo - this.#state.sweptTo >= sweepPackets) this.#sweepSoon();
    else this.#sweepTimer ??= setTimeout(() => this.#sweepSoon(), sweepMs).unref();
  }

  #sweepSoon(): void {
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
    if (this.#sweepWaits) return;
    this.#sweepWaits = true;
    this.#inBackground(async () => {
      this.#sweepWaits = false;
      await this.#sweep();
    });
  }

  /** Removes blocks of which everything is forgotten. */
  async #sweep(): Promise<void> {
    const upTo = this.#trimmedTo;
    let remove: Block[] = [];
    const removeThese = async (sweptTo: number) => {
      await this.#change({ remove, sync: false, state: { sweptTo } });
      remove = [];
    };
    for await (const block of this.#store.blocks(this.#state.sweptTo + 1, upTo)) {
      remove.push(block);
      if (remove.length >= sweepBlocks) await removeThese(block.last);
    }
    if (upTo > this.#state.sweptTo) await removeThese(upTo);
    this.#reclaim(upTo);
  }

  /** Drops the oldest telemetry until the quota is kept; the newest block stays. */
  async #keepQuota(): Promise<void> {
    if (this.#state.bytes > this.#maxBytes) await this.#sweep();
    while (this.#state.bytes > this.#maxBytes) {
      const blocks = await this.#oldestBlocks();
      const newest = blocks.at(-1)?.last;
      if (newest === undefined || newest < this.#dropFrom) return this.#sayFull();
      await this.#dropTelemetryOf(blocks);
    }
    this.#saysFull = false;
  }

  /** Blocks that may hold telemetry, and before them the gap that the last drop left. */
  async #oldestBlocks(): Promise<Block[]> {
    const portion = Math.min(dropPortion, this.#maxBytes / 20);
    const blocks: Block[] = [];
    for await (const block of this.#store.blocks(
      Math.max(this.#dropFrom - 1, this.#trimmedTo + 1),
      this.#state.last - 1,
    )) {
      blocks.push(block);
      if (blocks.length > 1 && bytesOf(blocks) >= portion) break;
    }
    return blocks;
  }

  async #dropTelemetryOf(blocks: readonly Block[]): Promise<void> {
    const trimmedTo = this.#trimmedTo;
    const entries = blocks.flatMap((block) => decodeBlock(block) ?? []).filter(({ position }) => position > trimmedTo);
    const remainder = dropTelemetry(entries, firstCovered(entries, trimmedTo), this.#isKept);
    const last = blocks.at(-1)?.last ?? 0;
    this.#dropFrom = last + 1;
    if (remainder.dropped === 0) return;
    this.#recent.clear();
    const sparseTo = Math.max(this.#state.sparseTo, last);
    await this.#change({ remove: blocks, put: this.#toBlocks(remainder.entries), sync: false, state: { sparseTo } });
    this.#dropped += remainder.dropped;
    await this.#findFirst();
    this.#reclaim(last);
  }

  #sayFull(): void {
    if (this.#saysFull) return;
    this.#saysFull = true;
    this.#logger.warn({ bytes: this.#state.bytes, quota: this.#maxBytes }, "events alone fill the relay's disk quota");
  }

  #reclaim(upTo: number): void {
    if (this.#reclaimable < reclaimBytes) return;
    this.#reclaimable = 0;
    this.#store.reclaim(upTo).catch((error) => {
      if (!this.#closed) this.#logger.warn({ err: error }, "the disk space of sent packets could not be given back");
    });
  }

  get #maxBlockBytes(): number {
    return Math.min(largestBlock, this.#maxBytes / 16);
  }
}

function bytesOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/**
 * The disk quota: what the hub has is removed, and when the quota is full the oldest telemetry goes. Events stay, and gaps
 * say what went.
 */
import { statfs } from "node:fs/promises";
import type { Logger } from "pino";
import { gapOf, relayGap } from "../gap.ts";
import { type Block, bytesOf, covers, decodeBlock, type Entry, encodeEntries, gapStart } from "./block.ts";
import type { LogContent } from "./content.ts";

/** What happened, not what was measured: bumps, alarms, the answers to commands, and what was dropped before. */
export const defaultKeptTypes: readonly string[] = ["relay_gap", "impact", "event/*", "alarm/*", "command/*"];

/** True for the data types that must not be dropped. */
export type IsKeptType = (type: string) => boolean;

/** @param patterns data types; one that ends in `*` means every type that begins so */
export function keptTypes(patterns: readonly string[] = defaultKeptTypes): IsKeptType {
  const whole = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const beginnings = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return (type) => whole.has(type) || beginnings.some((beginning) => type.startsWith(beginning));
}

/** Telemetry is dropped in portions of about so many bytes. */
const dropPortion = 1024 * 1024;
/** Forgotten packets are removed when there are so many … */
const sweepPackets = 5_000;
/** … or after so long. */
const sweepMs = 1_000;
/** So many blocks are removed at once. */
const sweepBlocks = 1_000;
/** So much removed data is worth the work to give its place on the disk back. */
const reclaimBytes = 16 * 1024 * 1024;

interface DiskQuotaDependencies {
  content: LogContent;
  /** Runs in turn with other changes of the content what nobody waits for. */
  inBackground: (task: () => Promise<void>) => void;
  logger: Logger;
}

interface DiskQuotaOptions {
  /** The quota, in bytes of encoded packets. */
  maxBytes: number;
  /** What is never dropped. */
  isKept: IsKeptType;
}

/** Its methods run in turn with other changes of the content, but for `sweepLater`. */
export class DiskQuota {
  readonly #dependencies: DiskQuotaDependencies;
  readonly #content: LogContent;
  readonly #options: DiskQuotaOptions;
  #dropped = 0;
  /** Before this position there is no telemetry to drop. */
  #dropFrom = 0;
  #saysFull = false;
  #reclaimable = 0;
  #sweepTimer: NodeJS.Timeout | undefined;
  /** A sweep waits for its turn. */
  #sweepWaits = false;

  constructor(dependencies: DiskQuotaDependencies, options: DiskQuotaOptions) {
    this.#dependencies = dependencies;
    this.#content = dependencies.content;
    this.#options = options;
  }

  /** How many packets went because the quota was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Says so when the disk has not room for the whole quota. */
  async compareWithDisk(): Promise<void> {
    const { store, state } = this.#content;
    const { bavail, bsize } = await statfs(store.folder);
    const free = bavail * bsize;
    if (free + state.bytes >= this.#options.maxBytes) return;
    const facts = { free_bytes: free, quota_bytes: this.#options.maxBytes };
    this.#dependencies.logger.warn(facts, "the relay's disk quota is larger than the disk has room for");
  }

  /** Sweeps soon after much was forgotten, and in the end after little. */
  sweepLater(): void {
    if (this.#content.trimmedTo - this.#content.state.sweptTo >= sweepPackets) this.#sweepSoon();
    else this.#sweepTimer ??= setTimeout(() => this.#sweepSoon(), sweepMs).unref();
  }

  /** A sweep that waits for its time does not come any more. */
  stop(): void {
    clearTimeout(this.#sweepTimer);
  }

  /** Removes blocks of which everything is forgotten. */
  async sweep(): Promise<void> {
    const upTo = this.#content.trimmedTo;
    let remove: Block[] = [];
    const removeThese = async (sweptTo: number) => {
      await this.#content.change({ remove, sync: false, state: { sweptTo } });
      this.#reclaimable += bytesOf(remove);
      remove = [];
    };
    for await (const block of this.#content.store.blocks(this.#content.state.sweptTo + 1, upTo)) {
      remove.push(block);
      if (remove.length >= sweepBlocks) await removeThese(block.last);
    }
    if (upTo > this.#content.state.sweptTo) await removeThese(upTo);
    this.#reclaim(upTo);
  }

  /** Drops the oldest telemetry until the quota is kept; the newest block stays. */
  async keep(): Promise<void> {
    const isFull = () => this.#content.state.bytes > this.#options.maxBytes;
    if (isFull()) await this.sweep();
    while (isFull()) {
      const blocks = await this.#oldestBlocks();
      const newest = blocks.at(-1)?.last;
      if (newest === undefined || newest < this.#dropFrom) return this.#sayFull();
      await this.#dropTelemetryOf(blocks, newest);
    }
    this.#saysFull = false;
  }

  #sweepSoon(): void {
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
    if (this.#sweepWaits) return;
    this.#sweepWaits = true;
    this.#dependencies.inBackground(async () => {
      this.#sweepWaits = false;
      await this.sweep();
    });
  }

  /** Blocks that may hold telemetry, and before them the gap that the last drop left. */
  async #oldestBlocks(): Promise<Block[]> {
    const { store, state, trimmedTo } = this.#content;
    const portion = Math.min(dropPortion, this.#options.maxBytes / 20);
    const blocks: Block[] = [];
    for await (const block of store.blocks(Math.max(this.#dropFrom - 1, trimmedTo + 1), state.last - 1)) {
      blocks.push(block);
      if (blocks.length > 1 && bytesOf(blocks) >= portion) break;
    }
    return blocks;
  }

  async #dropTelemetryOf(blocks: readonly Block[], last: number): Promise<void> {
    const { trimmedTo, state } = this.#content;
    const entries = blocks.flatMap((block) => decodeBlock(block) ?? []).filter(({ position }) => position > trimmedTo);
    const remainder = dropTelemetry(entries, firstCovered(entries, trimmedTo), this.#options.isKept);
    this.#dropFrom = last + 1;
    if (remainder.dropped === 0) return;
    const put = this.#content.toBlocks(encodeEntries(remainder.entries));
    const sparseTo = Math.max(state.sparseTo, last);
    await this.#content.rewrite({ remove: blocks, put, sync: false, state: { sparseTo } });
    this.#dropped += remainder.dropped;
    this.#reclaimable += bytesOf(blocks);
    await this.#content.findFirst();
    this.#reclaim(last);
  }

  #sayFull(): void {
    if (this.#saysFull) return;
    this.#saysFull = true;
    const { bytes } = this.#content.state;
    const quota = this.#options.maxBytes;
    this.#dependencies.logger.warn({ bytes, quota_bytes: quota }, "events alone fill the relay's disk quota");
  }

  #reclaim(upTo: number): void {
    if (this.#reclaimable < reclaimBytes) return;
    this.#reclaimable = 0;
    const { store } = this.#content;
    store.reclaim(upTo).catch((error) => {
      if (store.hasGivenUp) return;
      this.#dependencies.logger.warn({ err: error }, "the disk space of sent packets could not be given back");
    });
  }
}

/** Why a gap of the quota is there. */
const quotaReason = "the relay's buffer was full";

/** What is left of packets when their telemetry is dropped: events, and gaps between them. */
interface Remainder {
  entries: Entry[];
  /** How many packets went. */
  dropped: number;
}

/**
 * Drops all telemetry among consecutive entries. Gaps of earlier drops grow into the new ones.
 *
 * @param from the first position that the entries stand for
 */
function dropTelemetry(entries: readonly Entry[], from: number, isKept: IsKeptType): Remainder {
  const remainder: Remainder = { entries: [], dropped: 0 };
  let missingFrom = from;
  let lastMissing: Entry | undefined;
  const endGap = () => {
    if (lastMissing === undefined) return;
    const range = { firstSeq: missingFrom, lastSeq: lastMissing.position, reason: quotaReason };
    remainder.entries.push({ position: lastMissing.position, packet: relayGap(lastMissing.packet, range) });
    lastMissing = undefined;
  };
  for (const entry of entries) {
    const isGap = gapStart(entry) !== undefined;
    if (isGap ? gapOf(entry.packet)?.reason === quotaReason : !isKept(entry.packet.type)) {
      lastMissing = entry;
      if (!isGap) remainder.dropped += 1;
      continue;
    }
    endGap();
    remainder.entries.push(entry);
    missingFrom = entry.position + 1;
  }
  endGap();
  return remainder;
}

/** The first position that consecutive entries stand for, where everything up to `trimmedTo` is forgotten. */
function firstCovered(entries: readonly Entry[], trimmedTo: number): number {
  const [first] = entries;
  return Math.max(trimmedTo + 1, first === undefined ? 0 : covers(first));
}

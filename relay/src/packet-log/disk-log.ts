/**
 * A packet log on disk: it survives the death of the process at any moment, and a power-off as its fsync policy says.
 *
 * Packets lie in blocks in an ordered store. What changes the log runs in turn; reading does not wait for it.
 */
import { randomUUID } from "node:crypto";
import type { Packet } from "@physical-ai/unity-protocol";
import pLimit from "p-limit";
import type { Logger } from "pino";
import { AppendQueue, type Arrival, layOut } from "./disk/append-queue.ts";
import { covers, shifted } from "./disk/block.ts";
import { LogContent } from "./disk/content.ts";
import { type FsyncPolicy, groupFsync } from "./disk/fsync-policy.ts";
import { type LogStore, openLogStore } from "./disk/level-store.ts";
import { DiskQuota, type IsKeptType, keptTypes } from "./disk/quota.ts";
import { coverDamage, coverLostEnd, fitToHub } from "./disk/recovery.ts";
import type { PacketLog, PacketRun, ReadLimit, Resumption } from "./packet-log.ts";

/** The quota when nothing else is said. */
const defaultMaxBytes = 1024 * 1024 * 1024;
/** A relay that is being stopped has ended by then, by itself or by force. */
const defaultPatienceMs = 10_000;

export interface DiskLogOptions {
  /** Made when it is missing; the stream's id is made with it. */
  folder: string;
  /** The quota in bytes of encoded packets; the oldest telemetry goes when it is full. 1 GiB when missing. */
  maxBytes?: number | undefined;
  /** `groupFsync` when missing. */
  fsync?: FsyncPolicy | undefined;
  /** Packets of these types are never dropped; `keptTypes()` when missing. */
  isKept?: IsKeptType | undefined;
  /** How long to wait for another process that has the log open, in milliseconds; 10 s when missing. */
  patienceMs?: number | undefined;
}

/**
 * Opens the log in a folder. One process at a time may have it open; one that is just ending is waited for.
 *
 * @throws Error that says what is wrong with the folder and what to do
 */
export async function openDiskLog({ logger }: { logger: Logger }, options: DiskLogOptions): Promise<PacketLog> {
  const { folder, patienceMs = defaultPatienceMs } = options;
  const store = await openLogStore({ logger }, { folder, makeStreamId: randomUUID, patienceMs });
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
  readonly #logger: Logger;
  readonly maxBytes: number;
  readonly #fsync: FsyncPolicy;
  readonly #inTurn = pLimit(1);
  readonly #content: LogContent;
  readonly #quota: DiskQuota;
  readonly #arriving: AppendQueue;
  /** Dropped before they were written, because the disk was too slow. */
  #neverWritten = 0;
  #closed = false;
  #fsyncTimer: NodeJS.Timeout | undefined;

  constructor(store: LogStore, logger: Logger, options: DiskLogOptions) {
    const { maxBytes = defaultMaxBytes, fsync = groupFsync, isKept = keptTypes() } = options;
    this.#logger = logger;
    this.maxBytes = maxBytes;
    this.#fsync = fsync;
    this.#content = new LogContent(store, maxBytes);
    const inBackground = (task: () => Promise<void>) => this.#inBackground(task);
    this.#quota = new DiskQuota({ content: this.#content, inBackground, logger }, { maxBytes, isKept });
    this.#arriving = new AppendQueue({ write: (arrivals) => this.#inTurn(() => this.#write(arrivals)), fsync, isKept });
  }

  get streamId(): string {
    return this.#content.store.streamId;
  }

  get lastSeq(): number {
    return this.#content.state.last + this.#content.state.shift;
  }

  get firstSeq(): number {
    return this.#content.first + this.#content.state.shift;
  }

  get dropped(): number {
    return this.#quota.dropped + this.#neverWritten;
  }

  get bytes(): number {
    return this.#content.state.bytes;
  }

  /**
   * Takes up what an earlier process left. Packets that come from now on have not been sent; should the hub know their
   * numbers already, because a power-off took the packets that had them, `resume` gives them others.
   */
  async begin(): Promise<void> {
    const { last, unsentAfter } = this.#content.state;
    await coverLostEnd(this.#content, this.#logger);
    await this.#content.change({ sync: true, state: { unsentAfter: unsentAfter ?? last } });
    await this.#content.findFirst();
    await this.#quota.keep();
    await this.#quota.compareWithDisk();
  }

  async append(packets: readonly Packet[]): Promise<number> {
    if (this.#closed) throw new Error("the relay's log is closed");
    const newest = packets.at(-1);
    if (newest === undefined) return this.lastSeq;
    const { robot_id, robot_type } = newest;
    return (await this.#arriving.push(packets, { robot_id, robot_type })) + this.#content.state.shift;
  }

  async read(fromSeq: number, limit: ReadLimit): Promise<PacketRun> {
    for (;;) {
      const { shift } = this.#content.state;
      const { trimmedTo } = this.#content;
      const from = Math.max(fromSeq - shift, trimmedTo + 1);
      const { entries, missingTo } = await this.#content.run(from, limit);
      if (missingTo === undefined) {
        const packets = entries.map((entry) => shifted(entry, shift, Math.max(covers(entry), trimmedTo + 1)));
        return { firstSeq: (entries[0]?.position ?? Math.max(from, this.#content.first)) + shift, packets };
      }
      await this.#inTurn(() => coverDamage(this.#content, from, this.#logger));
    }
  }

  async trim(upToSeq: number): Promise<void> {
    const { shift, last, sparseTo } = this.#content.state;
    const upTo = Math.min(upToSeq - shift, last);
    if (upTo <= this.#content.trimmedTo) return;
    this.#content.forget(upTo);
    if (upTo < sparseTo) await this.#inTurn(() => this.#content.findFirst());
    this.#quota.sweepLater();
  }

  async replace(seq: number, packet: Packet): Promise<void> {
    await this.#inTurn(async () => {
      const { shift } = this.#content.state;
      const given = { position: seq, packet };
      await this.#content.replace({ position: seq - shift, packet: shifted(given, -shift, covers(given)) });
    });
  }

  resume(committedSeq: number): Promise<Resumption> {
    return this.#inTurn(async () => {
      const resumption = await fitToHub(this.#content, this.#quota, committedSeq - this.#content.state.shift);
      // On the disk before anything is sent: whatever has been sent keeps its number.
      if (this.#content.state.unsentAfter !== null) {
        await this.#content.change({ sync: true, state: { unsentAfter: null } });
      }
      await this.#content.findFirst();
      this.#quota.sweepLater();
      return resumption;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#content.store.giveUp();
    this.#quota.stop();
    clearTimeout(this.#fsyncTimer);
    try {
      await this.#arriving.idle();
      await this.#inTurn(() => this.#quota.sweep());
      await this.#inTurn(() => this.#content.change({ sync: true }));
    } finally {
      await this.#content.store.close();
    }
  }

  async #write(arrivals: readonly Arrival[]): Promise<number[]> {
    const { last: before, sparseTo, robot } = this.#content.state;
    const { entries, lasts, lastGap } = layOut(arrivals, before);
    await this.#content.change({
      put: this.#content.toBlocks(entries),
      sync: this.#fsync.kind === "group",
      state: {
        last: lasts.at(-1) ?? before,
        sparseTo: Math.max(sparseTo, lastGap),
        robot: arrivals.at(-1)?.robot ?? robot,
      },
    });
    for (const [index, { packets, lost }] of arrivals.entries()) {
      const sized = packets.map(({ packet, bytes }) => ({ packet, size: bytes.length }));
      this.#content.remember(sized, lasts[index] ?? before);
      this.#neverWritten += lost;
    }
    this.#fsyncLater();
    await this.#quota.keep();
    return lasts;
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
      this.#inBackground(() => this.#content.change({ sync: true }));
    }, this.#fsync.ms);
  }
}

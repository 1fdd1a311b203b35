/** The disk log's blocks and state in LevelDB, ordered and crash-safe; what is written together is there together. */
import { setTimeout as sleep } from "node:timers/promises";
import { compileValidator } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import Type from "typebox";
import type { Block } from "./block.ts";
import {
  causeOf,
  damaged,
  isDamage,
  type Level,
  type LogFolderOptions,
  openLevel,
  openLogFolder,
  parseJson,
} from "./folder.ts";

/** Everything about a disk log that is not a block: one small record. */
const LogState = Type.Object({
  /** The newest packet's position; 0 before the first. */
  last: Type.Integer(),
  /** Everything up to here is forgotten … */
  trimmedTo: Type.Integer(),
  /** … and the blocks up to here are removed. */
  sweptTo: Type.Integer(),
  /** A packet's number is its position plus this. */
  shift: Type.Integer(),
  /** Of all blocks, trimmed ones included. */
  bytes: Type.Integer(),
  /** After this position there are no holes. */
  sparseTo: Type.Integer(),
  /** Packets after this position were never handed out; null when any may have been. */
  unsentAfter: Type.Union([Type.Integer(), Type.Null()]),
  /** Of the newest packet: a gap is said of it where no packet is left. */
  robot: Type.Object({ robot_id: Type.String(), robot_type: Type.String() }),
});
export type LogState = Type.Static<typeof LogState>;
const validateState = compileValidator("the log's state record", LogState);

/** A new log's. */
const emptyState: LogState = {
  last: 0,
  trimmedTo: 0,
  sweptTo: 0,
  shift: 0,
  bytes: 0,
  sparseTo: 0,
  unsentAfter: null,
  robot: { robot_id: "unknown", robot_type: "unknown" },
};

/** What changes at once. */
interface Changes {
  put: readonly Block[];
  /** The last positions of blocks. A block that takes the place of a removed one stays. */
  remove: readonly number[];
  state: LogState;
  /** Resolve when it is on the disk, not only with the operating system. */
  sync: boolean;
}

const stateKey = Buffer.from("state");
const blockPrefix = "b".charCodeAt(0);
const keyBytes = 9;
/** So much is read at once. */
const readAhead = { blocks: 256, bytes: 256 * 1024 };
/** While the disk takes nothing, it is tried again so often. */
const retryMs = 1_000;
/** … and said so often. */
const sayEvery = 30;

/**
 * Opens the store in a folder.
 *
 * @throws Error that says what is wrong with the folder and what to do
 */
export async function openLogStore({ logger }: { logger: Logger }, options: LogFolderOptions): Promise<LogStore> {
  const { level, streamId } = await openLogFolder({ logger }, options);
  const bytes = await level.get(stateKey);
  if (bytes === undefined) return new LogStore(level, streamId, emptyState, logger);
  const state = validateState(parseJson(bytes));
  if (state.ok) return new LogStore(level, streamId, state.value, logger);
  await level.close();
  throw damaged(options.folder, new Error(state.problem));
}

export class LogStore {
  readonly streamId: string;
  /** As it was when the store was opened. */
  readonly openedState: LogState;
  readonly #level: Level;
  readonly #logger: Logger;
  readonly #givingUp = new AbortController();
  /** Resolves when the store is open; it is closed and opened again after a failed write. */
  #open: Promise<void> = Promise.resolve();
  /** In a row. */
  #failures = 0;

  constructor(level: Level, streamId: string, state: LogState, logger: Logger) {
    this.#level = level;
    this.streamId = streamId;
    this.openedState = state;
    this.#logger = logger;
  }

  /** Writes until it has succeeded: a full disk has room again some day. Rejects when the store is damaged or given up. */
  async write(changes: Changes): Promise<void> {
    const operations = operationsOf(changes);
    for (;;) {
      try {
        await this.#open;
        await this.#level.batch(operations, { sync: changes.sync });
        this.#succeeded();
        return;
      } catch (error) {
        await this.#failed(error);
        this.#open = this.#reopen();
      }
    }
  }

  /** Blocks that end at or after `from` and, where it is said, no later than `upTo`; in order, as they are asked for. */
  async *blocks(from: number, upTo = Number.MAX_SAFE_INTEGER): AsyncGenerator<Block> {
    for (let next = from; ; ) {
      const page = await this.#page(next, upTo);
      if (page.length === 0) return;
      for (const block of page) {
        yield block;
        next = block.last + 1;
      }
    }
  }

  /** The position of the newest block; undefined when there is none. */
  async newestBlock(): Promise<number | undefined> {
    await this.#open;
    const [key] = await this.#level
      .keys({ gte: keyOf(0), lte: keyOf(Number.MAX_SAFE_INTEGER), reverse: true, limit: 1 })
      .all();
    return key && positionOf(key);
  }

  get folder(): string {
    return this.#level.location;
  }

  /** Gives the disk back what removed blocks up to `upTo` took. */
  async reclaim(upTo: number): Promise<void> {
    await this.#open;
    await this.#level.compactRange(keyOf(0), keyOf(upTo));
  }

  /** From now on a write that fails is not tried again. */
  giveUp(): void {
    this.#givingUp.abort();
  }

  get hasGivenUp(): boolean {
    return this.#givingUp.signal.aborted;
  }

  async close(): Promise<void> {
    this.giveUp();
    await this.#level.close();
  }

  async #page(from: number, upTo: number): Promise<Block[]> {
    for (;;) {
      await this.#open;
      const range = { gte: keyOf(from), lte: keyOf(upTo), fillCache: false, highWaterMarkBytes: readAhead.bytes };
      const iterator = this.#level.iterator(range);
      try {
        const entries = await iterator.nextv(readAhead.blocks);
        return entries.map(([key, bytes]) => ({ last: positionOf(key), bytes }));
      } catch (error) {
        if (isDamage(error)) throw damaged(this.#level.location, causeOf(error));
        // A write has failed meanwhile, and the store is being opened again.
        if (causeOf(error).code !== "LEVEL_ITERATOR_NOT_OPEN" || this.#givingUp.signal.aborted) throw error;
      } finally {
        await iterator.close();
      }
    }
  }

  /** A failed write may leave the store's own log torn: only opening it anew makes it whole. */
  async #reopen(): Promise<void> {
    await this.#level.close();
    for (;;) {
      try {
        return await openLevel(this.#level);
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  /** Waits before the next try; rejects when another try cannot help. */
  async #failed(error: unknown): Promise<void> {
    const cause = causeOf(error);
    if (isDamage(cause)) throw damaged(this.#level.location, cause);
    if (cause.code !== "LEVEL_IO_ERROR" || this.#givingUp.signal.aborted) throw error;
    if (this.#failures % sayEvery === 0) {
      this.#logger.error({ problem: cause.message }, "the disk does not take the relay's log; trying again");
    }
    this.#failures += 1;
    if (this.#failures === 1) return;
    await sleep(retryMs, undefined, { signal: this.#givingUp.signal }).catch(() => {
      throw error;
    });
  }

  #succeeded(): void {
    if (this.#failures > 1) this.#logger.info("the disk takes the relay's log again");
    this.#failures = 0;
  }
}

function operationsOf({ put, remove, state }: Changes) {
  return [
    ...remove.map((last) => ({ type: "del" as const, key: keyOf(last) })),
    ...put.map(({ last, bytes }) => ({ type: "put" as const, key: keyOf(last), value: bytes })),
    { type: "put" as const, key: stateKey, value: Buffer.from(JSON.stringify(state)) },
  ];
}

/** Keys sort as their positions do. */
function keyOf(position: number): Buffer {
  const key = Buffer.allocUnsafe(keyBytes);
  key.writeUInt8(blockPrefix);
  key.writeBigUInt64BE(BigInt(Math.max(0, position)), 1);
  return key;
}

function positionOf(key: Buffer): number {
  return Number(key.readBigUInt64BE(1));
}

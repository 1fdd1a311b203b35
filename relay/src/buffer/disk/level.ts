/** The LevelDB database under a log: how it is opened, and what its errors mean. */
import { setTimeout as sleep } from "node:timers/promises";
import { ClassicLevel } from "classic-level";
import type { Logger } from "pino";

/** The LevelDB database of a log. */
export type Level = ClassicLevel<Buffer, Buffer>;

/** Little memory: the log is written once and read once. */
const options = {
  keyEncoding: "buffer",
  valueEncoding: "buffer",
  cacheSize: 1024 * 1024,
  writeBufferSize: 2 * 1024 * 1024,
} as const;

/** While another process has the database open, it is tried again so often. */
const retryMs = 100;

/** What a person can do whose folder cannot be the log's. */
export const elsewhere = "Name another folder with --data-dir or another relay with --relay-id.";

/** Makes a database that is not open yet. Whoever opens it closes it. */
export function createLevel(folder: string, { createIfMissing }: { createIfMissing: boolean }): Level {
  return new ClassicLevel(folder, { ...options, createIfMissing });
}

/** @throws Error that says why the database does not open and what to do */
export async function openLevel(level: Level): Promise<void> {
  try {
    await level.open();
  } catch (error) {
    const cause = causeOf(error);
    const folder = level.location;
    if (isLocked(cause)) {
      throw new Error(`${folder} is in use by another relay process: stop that one. ${elsewhere}`, { cause });
    }
    if (isDamage(cause)) throw damaged(folder, cause);
    throw new Error(`the relay's log in ${folder} does not open: ${cause.message}`, { cause });
  }
}

/**
 * Opens a database that another process may be about to let go of, which is waited for.
 *
 * @throws Error as `openLevel` does, at once for all reasons but that
 */
export async function openLevelInTime(level: Level, patienceMs: number, logger: Logger): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await openLevel(level);
    } catch (error) {
      if (!isLocked(causeOf(error)) || performance.now() >= deadline) throw error;
    }
    if (tries === 1) {
      const facts = { folder: level.location, seconds: patienceMs / 1_000 };
      logger.warn(facts, "another relay process still has this log open; waiting for it to end");
    }
    await sleep(retryMs);
  }
}

/** What to do about a log that cannot be read. */
export function damaged(folder: string, cause: Error): Error {
  return new Error(
    `the relay's log in ${folder} is damaged (${cause.message}). Move the folder away and start again: the relay then ` +
      "begins a new stream, and what it had not yet sent stays in the folder that you moved.",
    { cause },
  );
}

export function isDamage(error: unknown): boolean {
  const { code, message } = causeOf(error);
  return code === "LEVEL_CORRUPTION" || code === "LEVEL_NOT_FOUND" || /No such file|Corruption/.test(message);
}

/** The store reports what happened as the cause of what could not be done. */
export function causeOf(error: unknown): Error & { code?: string } {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? error.cause : error;
}

function isLocked({ code }: { code?: string }): boolean {
  return code === "LEVEL_LOCKED";
}

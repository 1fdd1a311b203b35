/** The folder of a disk log and the LevelDB database in it: made, recognised, opened; and what to do when it cannot be. */
import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolderDurably, renameDurably } from "@physical-ai/service/whole-file";
import { compileValidator } from "@physical-ai/unity-protocol";
import { ClassicLevel } from "classic-level";
import type { Logger } from "pino";
import Type from "typebox";

/** The LevelDB database of a log. */
export type Level = ClassicLevel<Buffer, Buffer>;

/** Little memory: the log is written once and read once. */
const levelOptions = {
  keyEncoding: "buffer",
  valueEncoding: "buffer",
  cacheSize: 1024 * 1024,
  writeBufferSize: 2 * 1024 * 1024,
} as const;

/** While another process has the database open, it is tried again so often. */
const retryMs = 100;

/** What a person can do whose folder cannot be the log's. */
const elsewhere = "Name another folder with --data-dir or another relay with --relay-id.";

const format = "physical-ai relay log";
const version = 1;
const formatKey = Buffer.from("format");

/** Says what the folder is. Written once. */
const FormatRecord = Type.Object({
  format: Type.Literal(format),
  version: Type.Integer(),
  stream_id: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
});
const validateFormat = compileValidator("the log's format record", FormatRecord);

export interface LogFolderOptions {
  /** Made when it is missing or empty. */
  folder: string;
  /** Called for a new log. */
  makeStreamId: () => string;
  /** How long to wait for another process that has the log open. */
  patienceMs: number;
}

/**
 * Opens the log in a folder.
 *
 * @throws Error that says what is wrong with the folder and what to do
 */
export async function openLogFolder(
  { logger }: { logger: Logger },
  { folder, makeStreamId, patienceMs }: LogFolderOptions,
): Promise<{ level: Level; streamId: string }> {
  const files = await filesIn(folder);
  if (files.length === 0) await createLog(folder, makeStreamId());
  else if (!files.includes("CURRENT")) throw new Error(`${folder} is not a relay's log. ${elsewhere}`);
  const level = createLevel(folder, { createIfMissing: false });
  await openLevelInTime(level, patienceMs, logger);
  try {
    return { level, streamId: await readStreamId(level) };
  } catch (error) {
    await level.close();
    throw error;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (causeOf(error).code === "ENOENT") return [];
    throw new Error(`${folder} cannot be a relay's log: ${causeOf(error).message}. ${elsewhere}`, { cause: error });
  }
}

/** Made beside its place and moved there, so that a power-off leaves a whole log or none. */
async function createLog(folder: string, streamId: string): Promise<void> {
  const draft = `${folder}%new`;
  await makeFolderDurably(dirname(folder)).catch((error) => {
    throw new Error(`${folder} cannot be made: ${causeOf(error).message}. ${elsewhere}`, { cause: error });
  });
  await rm(draft, { recursive: true, force: true });
  const level = createLevel(draft, { createIfMissing: true });
  await openLevel(level);
  const record = JSON.stringify({ format, version, stream_id: streamId });
  await level.put(formatKey, Buffer.from(record), { sync: true });
  await level.close();
  await rmdir(folder).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await renameDurably(draft, folder);
}

async function readStreamId(level: Level): Promise<string> {
  const record = await level.get(formatKey);
  const checked = validateFormat(record === undefined ? undefined : parseJson(record));
  if (!checked.ok) throw new Error(`${level.location} is not a relay's log: ${checked.problem}. ${elsewhere}`);
  if (checked.value.version > version) {
    throw new Error(
      `the relay's log in ${level.location} has format ${checked.value.version}; this relay knows ${version}: update it`,
    );
  }
  return checked.value.stream_id;
}

/** It is not open yet. Whoever opens it closes it. */
function createLevel(folder: string, { createIfMissing }: { createIfMissing: boolean }): Level {
  return new ClassicLevel(folder, { ...levelOptions, createIfMissing });
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
async function openLevelInTime(level: Level, patienceMs: number, logger: Logger): Promise<void> {
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

/** Undefined when it is no JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

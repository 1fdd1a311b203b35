/** The folder of a disk log: made, recognised, opened; and what to do when it cannot be. */
import { mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { compileValidator } from "@physical-ai/unity-protocol";
import { ClassicLevel } from "classic-level";
import Type from "typebox";

/** The LevelDB database of a log. */
export type Level = ClassicLevel<Buffer, Buffer>;

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

/** Little memory: the log is written once and read once. */
const levelOptions = {
  keyEncoding: "buffer",
  valueEncoding: "buffer",
  cacheSize: 1024 * 1024,
  writeBufferSize: 2 * 1024 * 1024,
  createIfMissing: false,
} as const;

/**
 * Opens the log in a folder, which is made when it is missing or empty.
 *
 * @param makeStreamId called for a new log
 * @throws Error that says what is wrong with the folder and what to do
 */
export async function openLogFolder(
  folder: string,
  makeStreamId: () => string,
): Promise<{ level: Level; streamId: string }> {
  const files = await filesIn(folder);
  if (files.length === 0) await createLog(folder, makeStreamId());
  else if (!files.includes("CURRENT")) throw new Error(`${folder} is not a relay's log. ${elsewhere}`);
  const level: Level = new ClassicLevel(folder, levelOptions);
  await openLevel(level);
  try {
    return { level, streamId: await readStreamId(level) };
  } catch (error) {
    await level.close();
    throw error;
  }
}

const elsewhere = "Name another folder with --data-dir or another relay with --relay-id.";

/** @throws Error that says why the database does not open and what to do */
export async function openLevel(level: Level): Promise<void> {
  try {
    await level.open();
  } catch (error) {
    const cause = causeOf(error);
    const folder = level.location;
    if (cause.code === "LEVEL_LOCKED") {
      throw new Error(`${folder} is in use by another relay process: stop that one. ${elsewhere}`, { cause });
    }
    if (isDamage(cause)) throw damaged(folder, cause);
    throw new Error(`the relay's log in ${folder} does not open: ${cause.message}`, { cause });
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
  await mkdir(dirname(folder), { recursive: true });
  await rm(draft, { recursive: true, force: true });
  const level: Level = new ClassicLevel(draft, { ...levelOptions, createIfMissing: true });
  await openLevel(level);
  const record = JSON.stringify({ format, version, stream_id: streamId });
  await level.put(formatKey, Buffer.from(record), { sync: true });
  await level.close();
  await rmdir(folder).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(draft, folder);
  await syncFolder(dirname(folder));
  await syncFolder(dirname(dirname(folder)));
}

/** A new name in a folder is on the disk when the folder is. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
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

/** Undefined when it is no JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

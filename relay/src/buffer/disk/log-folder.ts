/** The folder of a disk log: made, recognised, opened; and what to do when it cannot be. */
import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolderDurably, renameDurably } from "@physical-ai/service/whole-file";
import { compileValidator } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import Type from "typebox";
import { causeOf, createLevel, elsewhere, type Level, openLevel, openLevelInTime } from "./level.ts";

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

/** Undefined when it is no JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

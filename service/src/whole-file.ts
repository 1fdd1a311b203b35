/** Files and folders that are there whole or not at all, also after a kill or a power-off. */
import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { access, constants, mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isAlive } from "./signals.ts";

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Writes a file that is never half there, over one that is there already.
 *
 * @throws with what is wrong, when the bytes end with an error or do not fit on the disk; nothing of them is left then
 */
export async function writeWhole(file: string, bytes: Bytes): Promise<void> {
  await requirePlace(file);
  await makeWhole(file, (unfinished) => writeSynced(unfinished, bytes));
}

/**
 * Has a file or folder written under a temporary name beside its own, and gives it its name when it is whole. Nothing is
 * left when that fails, or when the process exits before.
 *
 * @param write writes the file or folder of this name; when it resolves, every byte is on the disk
 * @param temporaryName where several processes may write the same file at the same time; when missing, one with the
 *   process's number, and what killed processes left beside it is removed first
 * @throws with what is wrong, when `write` does, or there is no room for it
 */
export async function makeWhole<T>(
  path: string,
  write: (unfinished: string) => Promise<T>,
  temporaryName?: string,
): Promise<T> {
  // A link stays one: what it leads to is written.
  const place = await realpath(path).catch(() => path);
  if (temporaryName === undefined) await removeLeftovers(place);
  const unfinished = temporaryName ?? `${place}.${process.pid}.unfinished`;
  const remove = () => rmSync(unfinished, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const result = await write(unfinished);
    await renameDurably(unfinished, place);
    return result;
  } catch (error) {
    // A disk that is full must not be filled with halves.
    remove();
    const reason = outOfRoom(error);
    throw reason === undefined ? error : new Error(`${path} was not written: ${reason}`, { cause: error });
  } finally {
    process.off("exit", remove);
  }
}

/** Writes a file; all of it is on the disk when it resolves. */
export async function writeSynced(file: string, bytes: Bytes): Promise<void> {
  const handle = await open(file, "w");
  try {
    for await (const chunk of bytes) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Returns when a file's bytes, whoever wrote them, are on the disk: only then may a folder that holds it get its name. */
export function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Says before the work what would be in its way after it.
 *
 * @throws when no file can be put there: a folder has that name, or a device (which a rename would replace), or there is no
 * folder for it
 */
export async function requirePlace(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && !found.isFile()) throw new Error(`expected the path of a file; ${file} is none`);
  const folder = dirname(file);
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new Error(`there is no folder ${folder}: make it first`, { cause });
    throw new Error(`expected a folder that ${file} can be written into; ${cause.message}`, { cause });
  });
}

/** Gives a file or folder, whose bytes are on the disk, its name. When it resolves, the name is on the disk as well. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Makes a folder, and those above it that are missing. When it resolves, their names are on the disk as well. */
export async function makeFolderDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const old = dirname(resolve(first));
  for (let made = resolve(folder); made !== old; made = dirname(made)) await syncFolder(dirname(made));
}

/** A new name in a folder is on the disk when the folder is; Windows does not let folders be opened. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

/** Of processes that are no more, or had this one's number. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const begin = `${basename(path)}.`;
  // Where there is no folder yet there is nothing to remove.
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = name.startsWith(begin) ? /^(\d+)\.unfinished$/.exec(name.slice(begin.length))?.[1] : undefined;
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function outOfRoom(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error)) return undefined;
  if (error.code === "ENOSPC" || error.code === "EDQUOT") return "the disk is full";
  if (error.code !== "EFBIG") return undefined;
  return "it would be larger than a file may be; write less, or raise the limit (ulimit -f, or the file system's)";
}

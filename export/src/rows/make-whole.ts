/** Files and folders that are never half there. */
import { rmSync } from "node:fs";
import { readdir, realpath, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive } from "@physical-ai/db";
import { renameDurably } from "@physical-ai/service/durable-file";

/**
 * Has something written under a temporary name beside its own, and gives it its name when it is whole. Nothing is left
 * when that fails, or when the process exits before; what killed processes left is removed first.
 *
 * @param write writes the file or folder of this name; when it resolves, every byte is on the disk
 * @throws with what is wrong, when `write` does, or there is no room for it
 */
export async function makeWhole<T>(path: string, write: (unfinished: string) => Promise<T>): Promise<T> {
  // A link stays one: what it leads to is written.
  const place = await realpath(path).catch(() => path);
  await removeLeftovers(place);
  const unfinished = `${place}.${process.pid}.unfinished`;
  const remove = () => rmSync(unfinished, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const result = await write(unfinished);
    await renameDurably(unfinished, place);
    return result;
  } catch (error) {
    remove();
    const reason = outOfRoom(error);
    throw reason === undefined ? error : new Error(`${path} was not written: ${reason}`, { cause: error });
  } finally {
    process.off("exit", remove);
  }
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

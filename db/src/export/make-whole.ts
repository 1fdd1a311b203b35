import { rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a file or a folder that is never half there: under a temporary name beside its place, and renamed when it is whole.
 * Nothing of it stays when that fails, or when the process exits before.
 *
 * @param make puts all of it on the disk, at the path that it is given; what it returns is returned
 * @throws what `make` throws; in words when the disk is full
 */
export async function makeWhole<T>(place: string, make: (unfinished: string) => Promise<T>): Promise<T> {
  const unfinished = `${place}.${process.pid}.unfinished`;
  const remove = () => rmSync(unfinished, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const made = await make(unfinished);
    await rename(unfinished, place);
    await syncFolder(dirname(place));
    return made;
  } catch (error) {
    remove();
    throw isNoSpace(error) ? new Error(`the disk is full: ${place} was not written`, { cause: error }) : error;
  } finally {
    process.off("exit", remove);
  }
}

/** The new name has to be on the disk as well; Windows does not let folders be opened. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

/** Names that are still there after a power-off. */
import { mkdir, open, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";

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

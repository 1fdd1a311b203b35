/** Names that are still there after a power-off. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Gives a file or folder, whose bytes are on the disk, its name. When it resolves, the name is on the disk as well. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** A new name in a folder is on the disk when the folder is; Windows does not let folders be opened. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

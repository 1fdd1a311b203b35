/** Is there room for a quota? */
import { statfs } from "node:fs/promises";

/** How many bytes are free where the folder lies. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

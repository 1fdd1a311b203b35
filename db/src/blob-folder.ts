/** Where binary out of packets lies: files named by their content. Hubs on one database share one folder. */
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

/** The blob folder of a data folder. */
export const blobFolderOf = (dataDir: string): string => join(dataDir, "blobs");

/** The file of a blob: `ab/abcdef…`. Whatever else than a SHA-256 comes from outside must be refused before. */
export const blobFile = (folder: string, sha256: string): string => join(folder, sha256.slice(0, 2), sha256);

/** Yields the names of all blobs of a folder, those of one folder within it at a time. */
export async function* blobNames(folder: string): AsyncGenerator<string[]> {
  for (const begin of await readdir(folder)) {
    if (!/^[0-9a-f]{2}$/.test(begin)) continue;
    const names = await readdir(join(folder, begin));
    yield names.filter((name) => /^[0-9a-f]{64}$/.test(name));
  }
}

/** Removes a blob's file; returns how many bytes that freed, 0 when there was none. */
export async function removeBlobFile(folder: string, sha256: string): Promise<number> {
  const file = blobFile(folder, sha256);
  try {
    const { size } = await stat(file);
    await unlink(file);
    return size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

/** Binary out of packets: files named by their content, written once. */
import { randomUUID } from "node:crypto";
import { access, mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Blob } from "./storable.ts";

/** Keeps blobs. */
export interface BlobStore {
  /** Resolves when all of them are on disk. */
  write(blobs: readonly Blob[]): Promise<void>;
}

/** Keeps blobs in a folder as `ab/abcdef…`. */
export function createBlobStore(folder: string): BlobStore {
  return {
    async write(blobs) {
      for (const blob of blobs) await writeOnce(join(folder, blob.sha256.slice(0, 2), blob.sha256), blob.bytes);
    },
  };
}

async function writeOnce(file: string, bytes: Uint8Array): Promise<void> {
  if (await exists(file)) return;
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  const handle = await open(unfinished, "wx");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

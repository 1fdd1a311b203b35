/** Binary out of packets: files named by their content, written once. */
import { randomUUID } from "node:crypto";
import { access, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { blobFile } from "@physical-ai/db";
import { makeFolderDurably, renameDurably } from "@physical-ai/service/whole-file";
import type { Blob } from "../storable.ts";

/** Keeps blobs in a folder as `ab/abcdef…`. */
export class BlobStore {
  readonly #folder: string;
  readonly #stats = { files: 0, bytes: 0 };

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when all of them are on disk. */
  async write(blobs: readonly Blob[]): Promise<void> {
    for (const { sha256, bytes } of blobs) {
      if (!(await writeOnce(blobFile(this.#folder, sha256), bytes))) continue;
      this.#stats.files++;
      this.#stats.bytes += bytes.length;
    }
  }

  /** Files written since the start; a blob that was there already is none. */
  get stats(): { readonly files: number; readonly bytes: number } {
    return this.#stats;
  }
}

/** Returns false when it was there already. */
async function writeOnce(file: string, bytes: Uint8Array): Promise<boolean> {
  if (await exists(file)) return false;
  await makeFolderDurably(dirname(file));
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeAndSync(unfinished, bytes);
    await renameDurably(unfinished, file);
  } catch (error) {
    // A disk that is full must not be filled with halves.
    await rm(unfinished, { force: true });
    throw error;
  }
  return true;
}

async function writeAndSync(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

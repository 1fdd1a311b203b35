/** Binary out of packets: files named by their content, written once. */
import { randomUUID } from "node:crypto";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { blobFile } from "@physical-ai/db";
import { makeFolderDurably, makeWhole, writeSynced } from "@physical-ai/service/whole-file";
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
  // Others may write the same one at the same time.
  await makeWhole(file, (unfinished) => writeSynced(unfinished, [bytes]), `${file}.${randomUUID()}`);
  return true;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

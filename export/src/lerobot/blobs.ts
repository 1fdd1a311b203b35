/** The bytes of pictures, out of the content-addressed folder. */
import { readFile } from "node:fs/promises";
import { blobFile } from "@physical-ai/db";
import type { Picture } from "./camera.ts";

/**
 * Reads pictures one after the other. One that comes several times in a row is read once.
 *
 * @throws when the folder does not have one
 */
export async function* readPictures(folder: string, pictures: Iterable<Picture>): AsyncGenerator<Uint8Array> {
  let known: { sha256: string; bytes: Uint8Array } | undefined;
  for (const { $blob: sha256 } of pictures) {
    if (known?.sha256 !== sha256) known = { sha256, bytes: await readFile(blobFile(folder, sha256)).catch(explain) };
    yield known.bytes;
  }

  function explain(error: NodeJS.ErrnoException): never {
    if (error.code !== "ENOENT") throw error;
    throw new Error(
      `${folder} has no blob ${error.path}: retention may have swept it, or --data-dir is another one. Export later rows (--since), or leave --video out`,
      { cause: error },
    );
  }
}

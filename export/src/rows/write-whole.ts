import { access, constants, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { makeWhole } from "./make-whole.ts";

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Writes a file that is never half there, over one that is there already.
 *
 * @throws with what is wrong, when the bytes end with an error or do not fit on the disk; nothing of them is left then
 */
export async function writeWhole(file: string, bytes: Bytes): Promise<void> {
  await requirePlace(file);
  await makeWhole(file, (unfinished) => writeSynced(unfinished, bytes));
}

/** Writes a file; all of it is on the disk when it resolves. */
export async function writeSynced(file: string, bytes: Bytes): Promise<void> {
  const handle = await open(file, "w");
  try {
    for await (const chunk of bytes) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Says before the work what would be in its way after it.
 *
 * @throws when no file can be put there: a folder has that name, or a device (which a rename would replace), or there is no
 * folder for it
 */
export async function requirePlace(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && !found.isFile()) throw new Error(`expected the path of a file; ${file} is none`);
  const folder = dirname(file);
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new Error(`there is no folder ${folder}: make it first`, { cause });
    throw new Error(`expected a folder that ${file} can be written into; ${cause.message}`, { cause });
  });
}

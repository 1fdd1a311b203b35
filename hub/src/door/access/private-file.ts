/** Short texts in files that only their owner may read. */
import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A text that nobody guesses: 256 bits. */
export const randomText = () => randomBytes(32).toString("base64url");

/** The text of a file, without spaces around it; `undefined` where there is no file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Reads the text of a file; makes both where they are missing, and the folder too. */
export async function readOrMake(file: string, make: () => string | Promise<string>): Promise<string> {
  const known = await readIfThere(file);
  if (known !== undefined) return known;
  await mkdir(dirname(file), { recursive: true });
  const text = await make();
  // Linked when it is whole, so that nobody reads half of it.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${text}\n`, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, file);
    return text;
  } catch (error) {
    // Another process made it in the same moment: theirs counts.
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return readOrMake(file, make);
    throw error;
  } finally {
    await rm(draft);
  }
}

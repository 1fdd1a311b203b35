/** Secrets: short texts in files that only their owner may read; the hub's own signs and checks tokens. */
import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

const minimumLength = 32;

/** Reads the secret of a hub that has run. Throws where there is none. */
export async function readSecret(file: string): Promise<string> {
  const secret = await readIfThere(file);
  if (secret !== undefined) return checkSecret(secret, file);
  throw new Error(
    `there is no secret in ${file}: start the hub first (npm start), or name its folder with --data-dir or DATA_DIR`,
  );
}

/** Reads the secret of a file; makes both where they are missing. Only its owner may read the file. */
export async function readOrMakeSecret(file: string): Promise<string> {
  return checkSecret(await readOrMake(file, randomText), file);
}

/** Refuses a secret that can be guessed. */
export function checkSecret(secret: string, source: string): string {
  if (secret.length >= minimumLength) return secret;
  throw new Error(
    `${source}: the secret has ${secret.length} characters, expected at least ${minimumLength}; ` +
      "make one with: openssl rand -base64 32",
  );
}

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

/** The hub's secret: with it tokens are signed and checked. */
import { randomText, readIfThere, readOrMake } from "./private-file.ts";

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

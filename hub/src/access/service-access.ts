/** What services that are deployed together prove themselves with. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { randomText, readIfThere, readOrMake } from "./private-file.ts";
import { readOrMakeSecret } from "./secret.ts";
import { type Identity, signToken, verifyToken } from "./tokens.ts";

/** Who is deployed together, and where their access lies. */
export interface ServiceAccessOptions {
  /** Each service has a folder of its own in it, so that each can be shown its own alone. */
  folder: string;
  /** The hub's database, without the password: `postgres://user@host:port/database`. */
  databaseUrl: string;
  /** Relays and workers. */
  clients: readonly Identity[];
}

/**
 * Makes `hub/secret`, `hub/database-url`, `postgres/password` and, for each client, `<id>/token`: what is missing of it, and
 * the tokens that another secret has signed. What is there and of use stays as it is.
 */
export async function makeServiceAccess({ folder, databaseUrl, clients }: ServiceAccessOptions): Promise<void> {
  const secret = await readOrMakeSecret(join(folder, "hub", "secret"));
  const urlFile = join(folder, "hub", "database-url");
  // Each of the two holds the password: one that was lost is made of the other, since the database knows no new one.
  const knownUrl = await readIfThere(urlFile);
  const password = await readOrMake(join(folder, "postgres", "password"), () => passwordIn(knownUrl) ?? randomText());
  await readOrMake(urlFile, () => withPassword(databaseUrl, password));
  for (const client of clients) await makeToken(join(folder, client.id, "token"), client, secret);
}

/** The secret may have been lost, or taken away on purpose: what it signed opens nothing any more. */
async function makeToken(file: string, client: Identity, secret: string): Promise<void> {
  const known = await readIfThere(file);
  if (known !== undefined && (await verifyToken(known, secret)) === undefined) await rm(file, { force: true });
  await readOrMake(file, () => signToken(client, secret));
}

function passwordIn(databaseUrl: string | undefined): string | undefined {
  return databaseUrl === undefined ? undefined : decodeURIComponent(new URL(databaseUrl).password);
}

function withPassword(databaseUrl: string, password: string): string {
  return Object.assign(new URL(databaseUrl), { password }).href;
}

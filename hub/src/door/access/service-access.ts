/** What services that are deployed together prove themselves with. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { randomText, readIfThere, readOrMake, readOrMakeSecret } from "./secrets.ts";
import { type Identity, signToken, verifyToken } from "./tokens.ts";

/** Who is deployed together, and where their access lies. */
export interface ServiceAccessOptions {
  /** Each service has a folder of its own in it, so that each can be shown its own alone. */
  folder: string;
  /** The hub's database, without the password: `postgres://user@host:port/database`. */
  databaseUrl: string;
  /** Where hubs meet, without the password: `redis://host:port`. */
  redisUrl: string;
  /** Relays and workers. */
  clients: readonly Identity[];
}

/**
 * Makes `hub/secret`, `hub/database-url` and `postgres/password`, `hub/redis-url` and `redis/password`, and for each client
 * `<id>/token`: what is missing of it, and the tokens that another secret has signed. What is there and of use stays as it is.
 */
export async function makeServiceAccess(options: ServiceAccessOptions): Promise<void> {
  const { folder, databaseUrl, redisUrl, clients } = options;
  const secret = await readOrMakeSecret(join(folder, "hub", "secret"));
  await makePassword(join(folder, "hub", "database-url"), join(folder, "postgres", "password"), databaseUrl);
  await makePassword(join(folder, "hub", "redis-url"), join(folder, "redis", "password"), redisUrl);
  for (const client of clients) await makeToken(join(folder, client.id, "token"), client, secret);
}

/** Both files hold the password: one that was lost is made of the other, since the database knows no new one. */
async function makePassword(urlFile: string, passwordFile: string, url: string): Promise<void> {
  const knownUrl = await readIfThere(urlFile);
  const password = await readOrMake(passwordFile, () => passwordIn(knownUrl) ?? randomText());
  await readOrMake(urlFile, () => withPassword(url, password));
}

/** The secret may have been lost, or taken away on purpose: what it signed opens nothing any more. */
async function makeToken(file: string, client: Identity, secret: string): Promise<void> {
  const known = await readIfThere(file);
  if (known !== undefined && (await verifyToken(known, secret)) === undefined) await rm(file, { force: true });
  await readOrMake(file, () => signToken(client, secret));
}

function passwordIn(url: string | undefined): string | undefined {
  return url === undefined ? undefined : decodeURIComponent(new URL(url).password);
}

function withPassword(url: string, password: string): string {
  return Object.assign(new URL(url), { password }).href;
}

/** What services that are deployed together prove themselves with. */
import { join } from "node:path";
import { randomText, readOrMake } from "./private-file.ts";
import { readOrMakeSecret } from "./secret.ts";
import { type Identity, signToken } from "./tokens.ts";

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
 * Makes `hub/secret`, `hub/database-url`, `postgres/password` and, for each client, `<id>/token`: what is missing of it. What
 * is there stays as it is.
 */
export async function makeServiceAccess({ folder, databaseUrl, clients }: ServiceAccessOptions): Promise<void> {
  const secret = await readOrMakeSecret(join(folder, "hub", "secret"));
  const password = await readOrMake(join(folder, "postgres", "password"), randomText);
  await readOrMake(join(folder, "hub", "database-url"), () => withPassword(databaseUrl, password));
  for (const client of clients) {
    await readOrMake(join(folder, client.id, "token"), () => signToken(client, secret));
  }
}

function withPassword(databaseUrl: string, password: string): string {
  return Object.assign(new URL(databaseUrl), { password }).href;
}

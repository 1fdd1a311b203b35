import type { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";

/** Runs a `copy … from stdin` with all of its data. */
export async function copyIn(client: ClientBase, sql: string, data: Buffer): Promise<void> {
  const copy = client.query(copyFrom(sql));
  copy.end(data);
  await finished(copy);
}

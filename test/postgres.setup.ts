/** One real PostgreSQL for a whole test run: `DATABASE_URL` where it is set, an embedded one otherwise. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedSettings, startEmbeddedServer } from "@physical-ai/db";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A server on which tests make databases of their own. */
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["DATABASE_URL"];
  if (given !== undefined) {
    project.provide("postgresUrl", given);
    return async () => undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), "hub-test-"));
  const server = await startEmbeddedServer(await embeddedSettings(folder), () => undefined);
  project.provide("postgresUrl", server.databaseUrl);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

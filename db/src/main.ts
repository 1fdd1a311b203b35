/** `npm run db`: wires the store's commands. */
import { stopRequested } from "@physical-ai/service";
import { messageOf } from "@physical-ai/service/errors";
import type { Pool } from "pg";
import { blobFolderOf } from "./blob-folder.ts";
import { runCommandLine } from "./config.ts";
import { type DatabaseChoice, databaseUrlOf, openPool } from "./database.ts";
import { startEmbeddedServer } from "./embedded/server.ts";
import { embeddedSettings } from "./embedded/settings.ts";
import { dumpSchema } from "./queries/dump-schema.ts";
import { applyRetention } from "./retention.ts";
import { createStore } from "./store.ts";

async function withPool(choice: DatabaseChoice, work: (pool: Pool) => Promise<void>): Promise<void> {
  const url = await databaseUrlOf(choice);
  const pool = openPool(url, (error) => console.error(error.message), 2);
  await work(pool).finally(() => pool.end());
}

async function serve(dataDir: string): Promise<void> {
  // From the first moment on: no database must be left behind.
  const stop = stopRequested();
  const settings = await embeddedSettings(dataDir);
  const server = await startEmbeddedServer(settings, (line) => console.error(line));
  console.log(`psql "${server.databaseUrl}"`);
  const endedByItself = server.ended.then(() => {
    throw new Error("PostgreSQL ended by itself; its last words are above");
  });
  await Promise.race([stop, endedByItself]);
  endedByItself.catch(() => undefined);
  await server.stop();
  process.exit(0);
}

try {
  await runCommandLine(process.argv.slice(2), {
    serve,
    retention: (choice, options) =>
      withPool(choice, (pool) => applyRetention(pool, blobFolderOf(choice.dataDir), options, console.log)),
    migrate: (choice) => withPool(choice, (pool) => createStore(pool).prepare()),
    schema: (choice) => withPool(choice, async (pool) => console.log((await dumpSchema(pool)).trimEnd())),
  });
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}

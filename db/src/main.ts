/** `npm run db`: wires the store's commands. */
import { once } from "node:events";
import type { Pool } from "pg";
import { type DatabaseChoice, type RetentionOptions, runCommandLine } from "./config.ts";
import { startEmbeddedServer } from "./embedded/server.ts";
import { embeddedSettings, embeddedUrl, runningSettings } from "./embedded/settings.ts";
import { dateOf, dayOf } from "./partitions.ts";
import { openPool } from "./pool.ts";
import { dropPartitionsBefore } from "./queries/drop-partitions.ts";
import { dumpSchema } from "./queries/dump-schema.ts";
import { createStore } from "./store.ts";

async function withPool(choice: DatabaseChoice, work: (pool: Pool) => Promise<void>): Promise<void> {
  const url = choice.databaseUrl ?? embeddedUrl(await runningSettings(choice.dataDir));
  const pool = openPool(url, (error) => console.error(error.message), 2);
  await work(pool).finally(() => pool.end());
}

async function retention(pool: Pool, { keepDays, dryRun }: RetentionOptions): Promise<void> {
  const firstKeptDay = dayOf(Date.now()) - keepDays;
  let count = 0;
  let bytes = 0;
  await dropPartitionsBefore(
    pool,
    firstKeptDay,
    (partition) => {
      count++;
      bytes += partition.bytes;
      console.log(`${partition.name.padEnd(28)} ${megabytes(partition.bytes)}`);
    },
    dryRun,
  );
  const verb = dryRun ? "would go" : "dropped";
  console.log(`${count} partitions ${verb}, ${megabytes(bytes)}; kept: ${dateOf(firstKeptDay)} and later`);
}

const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;

async function serve(dataDir: string): Promise<void> {
  // From the first moment on, and also when a parent dies without a word: no database must be left behind.
  const stop = Promise.race(["SIGINT", "SIGTERM", "disconnect"].map((event) => once(process, event)));
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
    retention: (choice, options) => withPool(choice, (pool) => retention(pool, options)),
    migrate: (choice) => withPool(choice, (pool) => createStore(pool).prepare()),
    schema: (choice) => withPool(choice, async (pool) => console.log((await dumpSchema(pool)).trimEnd())),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** `npm run hub`: wires the hub to its database and to the operator. */

import { setTimeout as sleep } from "node:timers/promises";
import { blobFolderOf, createStore, openPool, type Store } from "@physical-ai/db";
import { exportsOf } from "@physical-ai/export";
import { createLogger, type Health, openStatusServer, processRegistry, stopRequested } from "@physical-ai/service";
import { messageOf } from "@physical-ai/service/errors";
import type { Logger } from "pino";
import { type HubConfig, runCommandLine, type TokenConfig } from "./config.ts";
import { isLoopback } from "./door/access/access.ts";
import { checkSecret, readOrMakeSecret, readSecret } from "./door/access/secrets.ts";
import { makeServiceAccess } from "./door/access/service-access.ts";
import { signToken } from "./door/access/tokens.ts";
import { explainLogin, isUnreachable, lineAbout } from "./durable/outage.ts";
import { createHub, type HubStats } from "./hub.ts";

const databaseRetryMs = 1_000;
const longWaitAttempts = 10;
const goodbyeMs = 1_000;

async function serve(config: HubConfig): Promise<void> {
  const stop = stopRequested();
  const logger = createLogger({ name: "hub", level: config.logLevel, format: config.logFormat });
  const registry = processRegistry();
  const pool = openPool(config.databaseUrl, (error) => logger.debug({ err: error }, "a database connection broke"));
  const store = createStore(pool);
  const secret = await secretOf(config);
  const hub = createHub(
    { store, openExport: exportsOf(config.databaseUrl), logger, registry },
    {
      host: config.host,
      port: config.port,
      access: {
        secret,
        allowAnonymous: config.allowAnonymous,
        allowedOrigins: config.allowedOrigins,
      },
      blobFolder: blobFolderOf(config.dataDir),
      redisUrl: config.redisUrl,
    },
  );
  let isUp = false;
  const health = (): Health => (isUp ? { ok: true } : { ok: false, problem: "waiting for the database" });
  const status = await openStatusServer({ health, registry, logger }, config);
  const stoppedFirst = await Promise.race([stop.then(() => true), untilPrepared(store, logger).then(() => false)]);
  if (stoppedFirst) process.exit(0);
  logger.info({ url: await hub.listen() }, "listening");
  isUp = true;
  if (config.publicUrl !== undefined) console.log(`Look at it: ${await linkTo(config.publicUrl, secret)}`);

  await stop;
  const complete = await hub.close();
  // A database that does not answer to a goodbye is not waited for.
  await Promise.race([pool.end(), sleep(goodbyeMs)]);
  await status.close();
  const done = whatWasDone(hub.stats);
  if (complete) logger.info(done, "stopped");
  else logger.error(done, "stopped, though the database has not taken everything: relays send their part again");
  process.exit(complete ? 0 : 1);
}

function whatWasDone({ packets, waitingRows, workers, viewers, predictions, commands, cluster }: HubStats) {
  return {
    packets,
    rows_not_written: waitingRows,
    predictions: predictions.written,
    predictions_lost: predictions.lost,
    commands: commands.sent,
    worker_skips: workers.dropped,
    viewer_drops: viewers.dropped,
    cluster_drops: cluster.dropped,
  };
}

/** A secret is made without being asked for only where no network can reach the hub. */
async function secretOf(config: HubConfig): Promise<string | undefined> {
  if (config.secret !== undefined) return checkSecret(config.secret, "HUB_SECRET");
  return config.secretFileNamed || isLoopback(config.host) ? readOrMakeSecret(config.secretFile) : undefined;
}

/** A link to the page, with which a viewer comes in. */
async function linkTo(publicUrl: string, secret: string | undefined): Promise<string> {
  const link = new URL("/", publicUrl);
  if (secret !== undefined) link.searchParams.set("token", await signToken({ role: "viewer", id: "viewer" }, secret));
  return link.href;
}

/** The database may come up after the hub: that is said once, and louder only when it takes long. */
async function untilPrepared(store: Store, logger: Logger): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await store.prepare();
    } catch (error) {
      if (!isUnreachable(error)) throw explainLogin(error);
      const problem = lineAbout(error);
      if (attempt === 0) logger.info({ problem }, "waiting for the database");
      else if (attempt % longWaitAttempts === 0) logger.warn({ problem }, "still waiting for the database");
      await sleep(databaseRetryMs);
    }
  }
}

async function token({ role, id, secret, secretFile }: TokenConfig): Promise<void> {
  console.log(await signToken({ role, id }, secret ?? (await readSecret(secretFile))));
}

try {
  await runCommandLine(process.argv.slice(2), { serve, token, access: makeServiceAccess });
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}

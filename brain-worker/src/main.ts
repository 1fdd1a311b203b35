/** Starts a brain worker: wires, and nothing else. */
import { createDockerManager } from "@physical-ai/containers";
import { PolicyError } from "@physical-ai/policy";
import { createLogger, type Health, openStatusServer, processRegistry, stopRequested } from "@physical-ai/service";
import { readConfig } from "./config.ts";
import type { BrainWorkerStats } from "./metrics.ts";
import { BrainWorker } from "./worker.ts";

const stop = stopRequested();
const config = readConfig(process.argv.slice(2));
const logger = createLogger({ name: "brain-worker", level: config.logLevel, format: config.logFormat });
const registry = processRegistry();
const worker = new BrainWorker({ logger, docker: createDockerManager({ logger }, config.docker), registry }, config);

/** A worker without a hub is well: it tries on by itself. */
function health(): Health {
  const { policies, registered } = worker.stats();
  const names = Object.keys(policies);
  return names.length === 0
    ? { ok: false, problem: "the policies are being loaded" }
    : { ok: true, registered, policies: names };
}

/** By policy. */
function predictionsOf({ policies }: BrainWorkerStats): Record<string, number> {
  return Object.fromEntries(Object.entries(policies).map(([name, { predicted }]) => [name, predicted]));
}

try {
  const status = await openStatusServer({ health, registry, logger }, config);
  await Promise.race([worker.start(), stop]);
  logger.info({ reason: await stop }, "stopping");
  await worker.stop();
  await status.close();
  logger.info({ predictions: predictionsOf(worker.stats()) }, "stopped");
} catch (error) {
  if (error instanceof PolicyError) console.error(error.message);
  else logger.fatal({ err: error }, "the brain worker has failed");
  process.exitCode = 1;
}

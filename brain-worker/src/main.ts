/** Starts a brain worker: wires, and nothing else. */
import { pino } from "pino";
import { readConfig } from "./config.ts";
import { PolicyError } from "./policies/problem.ts";
import { createBrainWorker } from "./worker.ts";

const config = readConfig(process.argv);
const logger = pino({ name: "brain-worker", level: config.logLevel });
const worker = createBrainWorker({ logger }, config);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    logger.info({ signal }, "stopping");
    worker.stop().catch((error) => {
      logger.error({ err: error }, "could not stop cleanly");
      process.exitCode = 1;
    });
  });
}

try {
  await worker.start();
} catch (error) {
  if (error instanceof PolicyError) console.error(error.message);
  else logger.fatal({ err: error }, "could not start");
  process.exitCode = 1;
}

/** Starts a brain worker: wires, and nothing else. */
import { pino } from "pino";
import { readConfig } from "./config.ts";
import { createDockerManager } from "./docker/docker-manager.ts";
import { PolicyError } from "./policies/problem.ts";
import { createBrainWorker } from "./worker.ts";

const config = readConfig(process.argv);
const logger = pino({ name: "brain-worker", level: config.logLevel });
const worker = createBrainWorker({ logger, docker: createDockerManager({ logger }, config.docker) }, config);

// The channel to a parent disconnects when the parent dies: nobody would stop the worker then.
for (const event of ["SIGINT", "SIGTERM", "disconnect"]) {
  process.once(event, () => {
    logger.info({ event }, "stopping");
    worker
      .stop()
      .catch((error) => {
        logger.error({ err: error }, "could not stop cleanly");
        process.exitCode = 1;
      })
      // An open channel would keep the process alive.
      .finally(() => process.connected && process.disconnect());
  });
}

try {
  await worker.start();
} catch (error) {
  if (error instanceof PolicyError) console.error(error.message);
  else logger.fatal({ err: error }, "could not start");
  process.exitCode = 1;
}

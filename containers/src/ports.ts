/** Free ports on this machine, for containers to publish theirs at. */
import { createServer } from "node:net";
import { DockerError } from "./errors.ts";

/** How far from the wanted port a free one is looked for. */
const reach = 100;

/**
 * The first port from `wanted` on that is neither promised nor in use. The engine has the last word: somebody may take
 * the port before the container starts.
 *
 * @param promised ports of containers that may not run at the moment
 * @throws DockerError `port_taken` when there is none within reach
 */
export async function freePort(wanted: number, promised: ReadonlySet<number>): Promise<number> {
  const last = Math.min(wanted + reach, 65_535);
  for (let port = wanted; port <= last; port++) {
    if (!promised.has(port) && (await isFree(port))) return port;
  }
  throw new DockerError(
    "port_taken",
    `expected a free port from ${wanted} to ${last}; all are taken: name another one`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

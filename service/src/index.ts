/**
 * What every long-running process has, in one way. What is light, and has nothing to do with logs and metrics, has doors
 * of its own: `./backoff`, `./errors`, `./options`, `./signals`, `./supervisor`, `./whole-file`.
 */
export { createLogger } from "./logger.ts";
export { createMetrics, type Metrics, processRegistry, Registry, type Sample } from "./metrics.ts";
export { HubOutageLog, Outage } from "./outage.ts";
export { RateLimit } from "./rate-limit.ts";
export { stopRequested } from "./signals.ts";
export { type Health, openStatusServer } from "./status-server.ts";

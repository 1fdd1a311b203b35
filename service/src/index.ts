/**
 * What every long-running process has, in one way. What is light, and has nothing to do with logs and metrics, has doors
 * of its own: `./backoff`, `./errors`, `./options`, `./signals`, `./supervisor`, `./whole-file`.
 */
export { createHubOutageLog, type HubOutageLog, type HubOutageLogOptions } from "./hub-outage-log.ts";
export { createLogger, type LogFormat, type LoggerOptions } from "./logger.ts";
export { createMetrics, type Metrics, processRegistry, Registry, type Sample } from "./metrics.ts";
export { createOutage, type Outage } from "./outage.ts";
export { createRateLimit } from "./rate-limit.ts";
export { stopRequested } from "./signals.ts";
export { type Health, openStatusServer, type StatusDependencies, type StatusServer } from "./status-server.ts";

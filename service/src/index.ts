/** What every long-running process has, in one way. What is light has doors of its own: `./options`, `./errors`, `./durable-file`. */
export { createHubOutageLog, type HubOutageLog, type HubOutageLogOptions } from "./hub-outage-log.ts";
export { createLogger, type LogFormat, type LoggerOptions } from "./logger.ts";
export { createMetrics, type Metrics, processRegistry, Registry, type Sample } from "./metrics.ts";
export { createOutage, type Outage } from "./outage.ts";
export { createRateLimit } from "./rate-limit.ts";
export { type Health, openStatusServer, type StatusDependencies, type StatusServer } from "./status-server.ts";
export { stopRequested } from "./stop-signals.ts";

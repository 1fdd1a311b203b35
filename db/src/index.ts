/** The store's public door. */
export { readKeeper } from "./embedded/postmaster.ts";
export { type EmbeddedServer, startEmbeddedServer } from "./embedded/server.ts";
export { type EmbeddedSettings, embeddedSettings, embeddedUrl } from "./embedded/settings.ts";
export { type ClockLimits, dayOf, defaultClockLimits } from "./partitions.ts";
export { openPool } from "./pool.ts";
export { dropPartitionsBefore } from "./queries/drop-partitions.ts";
export { dumpSchema } from "./queries/dump-schema.ts";
export type { BatchOutcome, CommandRow, PredictionRow, StreamStep, TelemetryBatch, TelemetryRow } from "./rows.ts";
export { aiPredictions, relayStreams, robotCommands, robotTelemetry } from "./schema.ts";
export { createStore, type Store } from "./store.ts";

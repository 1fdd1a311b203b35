/** The store's public door. */
export { blobFile, blobFolderOf, removeBlobFile } from "./blob-folder.ts";
export { columnsOf, type SqlColumn } from "./columns.ts";
export { type CopyReader, copyRows } from "./copy-reader.ts";
export { type DatabaseChoice, databaseUrlOf, openPool, openReadingPool } from "./database.ts";
export { dayOf } from "./days.ts";
export { readKeeper } from "./embedded/postmaster.ts";
export { type EmbeddedServer, startEmbeddedServer } from "./embedded/server.ts";
export { type EmbeddedSettings, embeddedSettings, embeddedUrl } from "./embedded/settings.ts";
export { countActivity } from "./queries/count-activity.ts";
export { dropPartitionsBefore } from "./queries/drop-partitions.ts";
export { dumpSchema } from "./queries/dump-schema.ts";
export type { PayloadKind, Revision } from "./queries/revise-payload-schema.ts";
export { sweepBlobs } from "./queries/sweep-blobs.ts";
export { applyRetention } from "./retention.ts";
export type {
  BatchOutcome,
  CommandRow,
  PayloadSchemaVersion,
  PayloadShape,
  PredictionRow,
  StreamStep,
  TelemetryBatch,
  TelemetryRow,
} from "./rows.ts";
export { aiPredictions, blobs, payloadSchemas, relayStreams, robotCommands, robotTelemetry } from "./schema.ts";
export { createStore, type Store } from "./store.ts";

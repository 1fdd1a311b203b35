/** The store's public door. */
export { blobFile, blobFolderOf, removeBlobFile } from "./blob-folder.ts";
export { type DatabaseChoice, databaseUrlOf } from "./database-choice.ts";
export { dayOf } from "./days.ts";
export { readKeeper } from "./embedded/postmaster.ts";
export { type EmbeddedServer, startEmbeddedServer } from "./embedded/server.ts";
export { type EmbeddedSettings, embeddedSettings, embeddedUrl } from "./embedded/settings.ts";
export { type ColumnSchema, validateColumnSchema } from "./export/column-schema.ts";
export { csvLine } from "./export/csv-line.ts";
export { inSnapshot } from "./export/in-snapshot.ts";
export { exportsOf, exportToFile, type OpenExport } from "./export/in-thread.ts";
export { makeWhole } from "./export/make-whole.ts";
export {
  type ExportFormat,
  type ExportListener,
  type ExportPlan,
  type ExportRequest,
  exportFormats,
} from "./export/open-export.ts";
export { parquetCompressors } from "./export/parquet-compressors.ts";
export { readPredictions, type StoredPrediction } from "./export/read-predictions.ts";
export { readTelemetry, type StoredTelemetry } from "./export/read-telemetry.ts";
export { selected, type TelemetrySelection } from "./export/selection.ts";
export { type ExportTable, exportTables } from "./export/tables.ts";
export { requirePlace, writeWhole } from "./export/write-whole.ts";
export type { ClockLimits } from "./partitions.ts";
export { openPool, openReadingPool } from "./pool.ts";
export { type Activity, countActivity } from "./queries/count-activity.ts";
export { dropPartitionsBefore } from "./queries/drop-partitions.ts";
export { dumpSchema } from "./queries/dump-schema.ts";
export type { PayloadKind, Revision } from "./queries/revise-payload-schema.ts";
export { sweepBlobs } from "./queries/sweep-blobs.ts";
export { applyRetention, type RetentionOptions } from "./retention.ts";
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

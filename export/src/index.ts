/** From rows to files: what other rooms use. */
export { createExamples, type Example, type RowCounts, rowsFor } from "./features/examples.ts";
export { exportFeatures, type FeatureExportOptions, type FeatureReport } from "./features/export-features.ts";
export type { LabelSource } from "./features/labels.ts";
export { parseCamera } from "./lerobot/camera.ts";
export { EpisodeMark, type EpisodeRule, episodeType } from "./lerobot/episode-rule.ts";
export { exportLerobot, type LerobotOptions } from "./lerobot/export-lerobot.ts";
export { parseField } from "./lerobot/field.ts";
export type { Report as LerobotReport } from "./lerobot/report.ts";
export { type ColumnSchema, validateColumnSchema } from "./rows/column-schema.ts";
export { inSnapshot } from "./rows/in-snapshot.ts";
export { exportsOf, exportToFile, type OpenExport } from "./rows/in-thread.ts";
export {
  type ExportFormat,
  type ExportListener,
  type ExportPlan,
  type ExportRequest,
  exportFormats,
} from "./rows/open-export.ts";
export { readPredictions, type StoredPrediction } from "./rows/read-predictions.ts";
export { readTelemetry, type StoredTelemetry } from "./rows/read-telemetry.ts";
export { selected, type TelemetrySelection } from "./rows/selection.ts";
export { type ExportTable, exportTables } from "./rows/tables.ts";
export { robotOption, sinceOption, untilOption } from "./selection-options.ts";
export { showProgress } from "./show-progress.ts";
export { requireTablePlace, type TableColumn, type TableRow, writeTable } from "./table-file.ts";

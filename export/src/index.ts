/** From rows to files: what other rooms use. */

export { EpisodeMark, type EpisodeRule, episodeType } from "./lerobot/episode-rule.ts";
export { exportLerobot, type LerobotOptions } from "./lerobot/export-lerobot.ts";
export { parseCamera, parseField } from "./lerobot/field.ts";
export type { Report as LerobotReport } from "./lerobot/report.ts";
export { showProgress } from "./progress.ts";
export { type ColumnSchema, validateColumnSchema } from "./rows/columns.ts";
export {
  type ExportFormat,
  type ExportListener,
  type ExportPlan,
  type ExportRequest,
  exportFormats,
} from "./rows/export-rows.ts";
export { selected, type TelemetrySelection } from "./rows/selection.ts";
export { exportsOf, exportToFile, type OpenExport } from "./rows/start-export.ts";
export {
  inSnapshot,
  readPredictions,
  readTelemetry,
  type StoredPrediction,
  type StoredTelemetry,
} from "./rows/stored-rows.ts";
export { type ExportTable, exportTables } from "./rows/tables.ts";
export { requireTablePlace, type TableColumn, type TableRow, writeTable } from "./table-file.ts";

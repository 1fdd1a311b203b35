/** From rows to a better model: what tests and the command line use. */

export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate/evaluate.ts";
export { exportFeatures, type FeatureExportOptions, type FeatureReport } from "./features/export-features.ts";
export { parseCamera } from "./lerobot/camera.ts";
export { EpisodeMark, type EpisodeRule, episodeType } from "./lerobot/episode-rule.ts";
export { exportLerobot, type LerobotOptions } from "./lerobot/export-lerobot.ts";
export { parseField } from "./lerobot/field.ts";
export type { Report as LerobotReport } from "./lerobot/report.ts";

/** The features of policies: what other rooms use. A door of its own, because it needs the policies' room and rows do not. */
export { type Example, LabelledExamples, type LabelSource, type RowCounts, rowsFor } from "./examples.ts";
export { exportFeatures, type FeatureExportOptions, type FeatureReport } from "./export-features.ts";

/** The steps that a policy file can name. A new step is a file of its own and a line in each list here. */
import type { Static } from "typebox";
import { ExponentialAverage, exponentialAverage } from "./exponential-average.ts";
import { LowPass, lowPass } from "./low-pass.ts";
import { Median, median } from "./median.ts";
import { MinMax, minMax } from "./min-max.ts";
import { MovingAverage, movingAverage } from "./moving-average.ts";
import { SectorMinimum, sectorMinimum } from "./sector-minimum.ts";
import { Standardise, standardise } from "./standardise.ts";
import { firstStage, type Shape, type Stage } from "./step.ts";
import { Summary, summary } from "./summary.ts";
import { Window, window } from "./window.ts";

/** What a policy file may say about each step, by the step's name. */
export const stepSchemas = {
  median: Median,
  moving_average: MovingAverage,
  exponential_average: ExponentialAverage,
  low_pass: LowPass,
  standardise: Standardise,
  min_max: MinMax,
  window: Window,
  summary: Summary,
  sector_minimum: SectorMinimum,
} as const;

/** One step as a policy file has it. */
export type StepOptions = Static<(typeof stepSchemas)[keyof typeof stepSchemas]>;

/**
 * The step ready to run on frames of a shape.
 *
 * @throws StepError when the options do not fit the shape
 */
export function createStage(options: StepOptions, input: Shape): Stage {
  switch (options.step) {
    case "median":
      return firstStage(median(options, input));
    case "moving_average":
      return firstStage(movingAverage(options, input));
    case "exponential_average":
      return firstStage(exponentialAverage(options, input));
    case "low_pass":
      return firstStage(lowPass(options, input));
    case "standardise":
      return firstStage(standardise(options, input));
    case "min_max":
      return firstStage(minMax(options, input));
    case "window":
      return firstStage(window(options, input));
    case "summary":
      return firstStage(summary(options, input));
    case "sector_minimum":
      return firstStage(sectorMinimum(options, input));
  }
}

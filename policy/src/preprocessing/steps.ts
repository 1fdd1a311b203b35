/** The steps that a policy file can name: a new one is a line here, and a function that makes it. */
import type { Static } from "typebox";
import type { NumberSource } from "./decode.ts";
import { MinMax, minMax, Standardise, standardise } from "./scaling.ts";
import { SectorMinimum, sectorMinimum } from "./sector-minimum.ts";
import {
  ExponentialAverage,
  exponentialAverage,
  LowPass,
  lowPass,
  Median,
  MovingAverage,
  median,
  movingAverage,
} from "./smoothing.ts";
import { defineStep, type Shape, type Stage, StepError } from "./step.ts";
import { Summary, summary, Window, window } from "./window.ts";

/** By the names that policy files have for them. */
export const stepKinds = {
  median: defineStep(Median, median),
  moving_average: defineStep(MovingAverage, movingAverage),
  exponential_average: defineStep(ExponentialAverage, exponentialAverage),
  low_pass: defineStep(LowPass, lowPass),
  standardise: defineStep(Standardise, standardise),
  min_max: defineStep(MinMax, minMax),
  window: defineStep(Window, window),
  summary: defineStep(Summary, summary),
  sector_minimum: defineStep(SectorMinimum, sectorMinimum),
} as const;

/** One step as a policy file has it. */
export type StepOptions = Static<(typeof stepKinds)[keyof typeof stepKinds]["schema"]>;

/** What a policy preprocesses, and how. */
export interface PreprocessingOptions {
  readonly listens_to: NumberSource & {
    /** The channels' names; `<field>_1`, `<field>_2`, … when missing. */
    readonly names?: readonly string[];
  };
  readonly preprocess: readonly StepOptions[];
}

/** The steps; or what is wrong with the first one that does not fit, after which no shape is known. */
export interface Plan {
  /** Before their first packet. */
  readonly stages: readonly Stage[];
  /** What the last step hands over. */
  readonly featureNames: readonly string[];
  /** `path` leads to the step's option. */
  readonly problem?: { readonly path: readonly (string | number)[]; readonly message: string };
}

/** Makes each step for the shape that the one before hands over. */
export function planPreprocessing({ listens_to: source, preprocess }: PreprocessingOptions): Plan {
  const stages: Stage[] = [];
  let shape: Shape = { rows: 1, names: channelNames(source) };
  for (const [index, options] of preprocess.entries()) {
    try {
      const stage = stepKinds[options.step].createStage(options, shape);
      stages.push(stage);
      shape = stage.output;
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      const path = ["preprocess", index, error.option];
      return { stages, featureNames: [], problem: { path, message: `${path.join(".")} ${error.message}` } };
    }
  }
  return { stages, featureNames: columns(shape) };
}

function channelNames({ names, field = "value", channels }: PreprocessingOptions["listens_to"]): readonly string[] {
  return names ?? Array.from({ length: channels }, (_, index) => `${field}_${index + 1}`);
}

/** A window that no summary follows becomes one vector, sample after sample: `fx[0]`, `fy[0]`, …, `fx[1]`, … */
function columns({ rows, names }: Shape): readonly string[] {
  if (rows === 1) return names;
  return Array.from({ length: rows }, (_, row) => names.map((name) => `${name}[${row}]`)).flat();
}

/** Builds the steps of a policy, each for the shape that the one before hands over. */
import { type Shape, type Stage, StepError } from "../preprocessing/step.ts";
import { createStage } from "../preprocessing/steps.ts";
import type { PolicyFile } from "./policy-file.ts";
import type { Finding } from "./schema-problems.ts";

/** The steps; or what is wrong with the first one that does not fit, after which no shape is known. */
export interface Plan {
  readonly stages: readonly Stage[];
  readonly featureNames: readonly string[];
  readonly findings: readonly Finding[];
}

export function planPreprocessing({ listens_to: source, preprocess }: PolicyFile): Plan {
  const stages: Stage[] = [];
  let shape: Shape = { rows: 1, names: channelNames(source) };
  for (const [index, options] of preprocess.entries()) {
    try {
      const stage = createStage(options, shape);
      stages.push(stage);
      shape = stage.output;
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      const path = ["preprocess", index, error.option];
      return { stages, featureNames: [], findings: [{ path, message: `${path.join(".")} ${error.message}` }] };
    }
  }
  return { stages, featureNames: columns(shape), findings: [] };
}

function channelNames({ names, field = "value", channels }: PolicyFile["listens_to"]): readonly string[] {
  return names ?? Array.from({ length: channels }, (_, index) => `${field}_${index + 1}`);
}

/** A window that no summary follows becomes one vector, sample after sample: `fx[0]`, `fy[0]`, …, `fx[1]`, … */
function columns({ rows, names }: Shape): readonly string[] {
  if (rows === 1) return names;
  return Array.from({ length: rows }, (_, row) => names.map((name) => `${name}[${row}]`)).flat();
}

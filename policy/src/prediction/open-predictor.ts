/** Predictors together with their models. */
import type { Policy } from "../file/policy.ts";
import { valuesOf } from "../file/problem.ts";
import { openRuntime, type RuntimeDependencies, type RuntimeOptions } from "../open-runtime.ts";
import { createPredictor, type Predictor, type PredictorDependencies } from "./predictor.ts";

/** What predictors and their models need. */
export type OpenPredictorDependencies = Pick<PredictorDependencies, "now" | "onInferred"> & RuntimeDependencies;

/** A predictor that owns its model. Whoever opened it closes it. */
export interface OpenPredictor extends Predictor {
  /** Of the model that is asked next. */
  readonly modelVersion: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens a policy's model.
 *
 * @throws PolicyError when the model is not the one that the policy describes
 */
export async function openPredictor(
  { logger, now, onInferred, ...runtimeDependencies }: OpenPredictorDependencies,
  policy: Policy,
  options: RuntimeOptions = {},
): Promise<OpenPredictor> {
  const runtime = await openRuntime({ logger, ...runtimeDependencies }, policy, options);
  return {
    ...createPredictor({ logger, now, runtime, onInferred }, policy),
    get modelVersion() {
      return runtime.modelVersion;
    },
    close: () => runtime.close(),
  };
}

/**
 * Opens all of them, or none.
 *
 * @throws PolicyError with everything that is wrong with any of the models
 */
export async function openPredictors(
  dependencies: OpenPredictorDependencies,
  policies: readonly Policy[],
  options: RuntimeOptions = {},
): Promise<OpenPredictor[]> {
  const results = await Promise.allSettled(policies.map((policy) => openPredictor(dependencies, policy, options)));
  try {
    return valuesOf(results);
  } catch (error) {
    await Promise.all(results.map((result) => result.status === "fulfilled" && result.value.close()));
    throw error;
  }
}

/** Whether the policies could serve. */
import { loadPolicies, modelVersionOf, type Policy, valuesOf } from "@physical-ai/policy";
import { modelPathOf, readChecked } from "./model-file.ts";

/** A policy that was checked, as `npm run policy -- check --json` prints it. */
export interface CheckedPolicy {
  policy: string;
  /** Missing for a model in a container, which is not started for this. */
  model_version?: string;
}

/**
 * Checks every policy file and runs every ONNX model once.
 *
 * @throws PolicyError with everything that is wrong with any of them
 */
export async function checkPolicies(directory: string): Promise<CheckedPolicy[]> {
  return valuesOf(await Promise.allSettled((await loadPolicies(directory)).map(check)));
}

async function check(policy: Policy): Promise<CheckedPolicy> {
  const path = modelPathOf(policy);
  if (path === undefined) return { policy: policy.name };
  return { policy: policy.name, model_version: modelVersionOf(await readChecked(policy, path)) };
}

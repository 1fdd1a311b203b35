/** Which models serve, and whether the policies could serve. */
import { loadPolicies, modelVersionOf, type Policy, valuesOf } from "@physical-ai/policy";
import { modelPathOf, readChecked, readModelFile } from "./model-file.ts";
import { createModelHistory } from "./model-history.ts";

/** A policy, as `npm run policy -- list --json` prints it. */
export interface ListedPolicy {
  policy: string;
  runtime: string;
  /** Missing for a model that is not there yet, or runs in a container. */
  model_version?: string;
  /** ISO 8601 */
  since?: string;
  /** Models that `rollback` can bring back, the one that it would bring back last. */
  earlier: string[];
}

export async function listPolicies(directory: string): Promise<ListedPolicy[]> {
  return Promise.all((await loadPolicies(directory, { models: "optional" })).map(listed));
}

async function listed(policy: Policy): Promise<ListedPolicy> {
  const path = modelPathOf(policy);
  const { runtime } = policy.definition.model;
  if (path === undefined) return { policy: policy.name, runtime, earlier: [] };
  const model = await readModelFile(path);
  const earlier = (await createModelHistory(policy.name, path).list()).map(({ modelVersion }) => modelVersion);
  return {
    policy: policy.name,
    runtime,
    ...(model === undefined ? {} : { model_version: model.modelVersion, since: model.since.toISOString() }),
    earlier,
  };
}

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

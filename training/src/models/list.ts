/** What serves: every policy with its model. */
import { loadPolicies, type Policy } from "@physical-ai/policy";
import { modelPathOf, readModelFile } from "./model-file.ts";
import { modelHistory } from "./model-history.ts";

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
  const earlier = (await modelHistory(policy.name, path).list()).map(({ modelVersion }) => modelVersion);
  return {
    policy: policy.name,
    runtime,
    ...(model === undefined ? {} : { model_version: model.modelVersion, since: model.since.toISOString() }),
    earlier,
  };
}

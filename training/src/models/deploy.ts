/** Puts a model into a policy's place, and the one before back again, while workers serve it. */

import { modelVersionOf, type Policy } from "@physical-ai/policy";
import { writeWhole } from "@physical-ai/service/whole-file";
import { readChecked, readModelFile, requireModelPath } from "./model-file.ts";
import { createModelHistory } from "./model-history.ts";

/** What serves now, and what served before. */
export interface Deployment {
  readonly modelVersion: string;
  /** Undefined for a policy's first model. */
  readonly was: string | undefined;
}

/**
 * Checks a model against its policy, keeps the one that was there, and renames the new one into its place: a worker that
 * serves the policy takes it over by itself. A model that is there already stays as it is.
 *
 * @throws PolicyError when it is not the model that the policy describes; the old one then stays
 */
export async function deploy(policy: Policy, file: string): Promise<Deployment> {
  const path = requireModelPath(policy);
  const content = await readChecked(policy, file);
  const modelVersion = modelVersionOf(content);
  const was = (await readModelFile(path))?.modelVersion;
  if (was === modelVersion) return { modelVersion, was };
  if (was !== undefined) await createModelHistory(policy.name, path).keep(was);
  await writeWhole(path, [content]);
  return { modelVersion, was };
}

/** A deployment that is taken back. */
export interface Rollback extends Deployment {
  /** Where the model that was taken back lies; undefined where there was none. */
  readonly withdrawn: string | undefined;
}

/**
 * Puts the model before the last deployment back. Repeated, it goes back one deployment more.
 *
 * @throws Error when no earlier model is kept
 */
export async function rollback(policy: Policy): Promise<Rollback> {
  const path = requireModelPath(policy);
  const history = createModelHistory(policy.name, path);
  const was = (await readModelFile(path))?.modelVersion;
  // A deployment that was interrupted has kept the model that still serves: that one is no step back.
  const earlier = (await history.list()).findLast(({ modelVersion }) => modelVersion !== was);
  if (earlier === undefined) {
    throw new Error(`expected an earlier model of ${policy.name}; none is kept: deploy the one that shall serve`);
  }
  const content = await readChecked(policy, earlier.file);
  const withdrawn = was === undefined ? undefined : await history.withdraw(was);
  await writeWhole(path, [content]);
  await history.forget(earlier);
  return { modelVersion: earlier.modelVersion, was, withdrawn };
}

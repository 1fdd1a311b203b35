/** Finds the policy that somebody names. */
import { type LoadOptions, loadPolicies } from "./load.ts";
import type { Policy } from "./policy.ts";

/**
 * Loads a folder's policies, and returns the one of this name.
 *
 * @throws PolicyError with everything that is wrong with any of them
 * @throws Error that lists the names that there are
 */
export async function policyNamed(name: string, directory: string, options: LoadOptions = {}): Promise<Policy> {
  const policies = await loadPolicies(directory, options);
  const policy = policies.find((candidate) => candidate.name === name);
  if (policy !== undefined) return policy;
  throw new Error(`expected one of the policies ${policies.map((known) => known.name).join(", ")}; got ${name}`);
}

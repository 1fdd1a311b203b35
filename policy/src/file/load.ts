/** Reads policy files and checks everything about them that can be known before their models run. */
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { planPreprocessing, stepKinds } from "../preprocessing/steps.ts";
import { consistencyFindings } from "./consistency.ts";
import { type Finding, isRecord, memberFindings, schemaFindings } from "./findings.ts";
import { type Policy, PolicyError, type PolicyProblem } from "./policy.ts";
import { modelSchemas, normalise, outputSchemas, PolicyOutline, type WrittenPolicyFile } from "./schema.ts";
import { parseYaml } from "./yaml-source.ts";

const stepSchemas = Object.fromEntries(Object.entries(stepKinds).map(([name, { schema }]) => [name, schema]));

/** What loading insists on. */
export interface LoadOptions {
  /** `optional` where only the preprocessing runs: a model is trained on features that are there before it. */
  models?: "required" | "optional";
}

/**
 * Loads all `*.yaml` files of a directory, in the order of their names.
 *
 * @throws PolicyError with everything that is wrong in all of them
 */
export async function loadPolicies(directory: string, options: LoadOptions = {}): Promise<Policy[]> {
  const names = await policyFiles(directory);
  const loaded = await Promise.all(names.map((name) => loadPolicy(join(directory, name), options)));
  const policies = loaded.flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
  const problems = [...loaded.flatMap((result) => result.problems), ...repeatedNames(policies)];
  if (problems.length > 0) throw new PolicyError(problems);
  return policies;
}

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

async function policyFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory).catch((error: Error) => {
    throw new PolicyError([{ file: directory, message: `expected a directory of policy files; ${error.message}` }]);
  });
  const names = entries.filter((name) => /\.ya?ml$/.test(name)).sort();
  if (names.length === 0) throw new PolicyError([{ file: directory, message: noPolicies }]);
  return names;
}

const noPolicies = "expected policy files (*.yaml); found none: name their folder with --policies or POLICIES_DIR";

/** A policy, or what is wrong with it. */
type Loaded = { policy?: Policy; problems: readonly PolicyProblem[] };

async function loadPolicy(path: string, { models = "required" }: LoadOptions): Promise<Loaded> {
  const file = displayed(path);
  const source = parseYaml(file, await readFile(path, "utf8"));
  if (source.problems.length > 0) return { problems: source.problems };
  const { value } = source;
  if (!isPolicyFile(value)) return { problems: malformations(value).map(source.locate) };

  const pathOf = (named: string) => resolve(dirname(path), named);
  const definition = normalise(value);
  const { model } = definition;
  const { stages, featureNames, problem } = planPreprocessing(definition);
  const missing = models === "required" && model.runtime === "onnx" ? await missingModel(pathOf(model.file)) : [];
  const findings = [...consistencyFindings(value), ...(problem === undefined ? [] : [problem]), ...missing];
  const problems = findings.map(source.locate);
  if (problems.length > 0) return { problems };

  const problemAt: Policy["problemAt"] = (at, message) => source.locate({ path: at, message });
  return { policy: { name: definition.name, file, definition, pathOf, stages, featureNames, problemAt }, problems };
}

function isPolicyFile(value: unknown): value is WrittenPolicyFile {
  return malformations(value).length === 0;
}

/** What is wrong with a value as a `WrittenPolicyFile`. */
function malformations(value: unknown): Finding[] {
  const { preprocess, model, output } = isRecord(value) ? value : {};
  const steps: unknown[] = Array.isArray(preprocess) ? preprocess : [];
  return [
    ...schemaFindings(PolicyOutline, value, []),
    ...steps.flatMap((step, index) => memberFindings("step", stepSchemas, step, ["preprocess", index])),
    ...memberFindings("runtime", modelSchemas, model, ["model"]),
    ...memberFindings("kind", outputSchemas, output, ["output"]),
  ];
}

async function missingModel(file: string): Promise<Finding[]> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return [];
  return [{ path: ["model", "file"], message: `model.file must be a file; found none at ${displayed(file)}` }];
}

function repeatedNames(policies: readonly Policy[]): PolicyProblem[] {
  return policies.flatMap((policy, index) => {
    const first = policies.slice(0, index).find(({ name }) => name === policy.name);
    if (first === undefined) return [];
    return [policy.problemAt(["name"], `name must be unique; ${first.file} is also called ${policy.name}`)];
  });
}

function displayed(path: string): string {
  const inside = relative(process.cwd(), resolve(path)) || ".";
  return inside.startsWith("..") ? resolve(path) : inside;
}

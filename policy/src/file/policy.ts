/** A policy that is ready to run; and what is wrong with policy files, and where. */
import { resolve } from "node:path";
import type { Stage } from "../preprocessing/step.ts";
import type { Path } from "./findings.ts";
import type { PolicyFile } from "./schema.ts";

export interface Policy {
  readonly name: string;
  /** Its file, relative to the working directory. */
  readonly file: string;
  readonly definition: PolicyFile;
  /** The absolute path of a file that the policy names. */
  pathOf(file: string): string;
  /** The preprocessing steps, before their first packet. */
  readonly stages: readonly Stage[];
  /** The model's inputs, in their order. */
  readonly featureNames: readonly string[];
  /** Names the line of the value at a path of the file: for problems that only show when the model runs. */
  problemAt(path: Path, message: string): PolicyProblem;
}

/** The same policy with another ONNX file: to check or to compare it before it serves. */
export function withModel(policy: Policy, file: string): Policy {
  return { ...policy, definition: { ...policy.definition, model: { runtime: "onnx", file: resolve(file) } } };
}

/** One thing to put right. */
export interface PolicyProblem {
  /** As people call it: relative to the working directory. */
  readonly file: string;
  /** From 1; undefined where the file as a whole is meant. */
  readonly line?: number;
  readonly column?: number;
  /** What was expected, what came. */
  readonly message: string;
}

/** Everything that is wrong, not only the first thing. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.name = "PolicyError";
    this.problems = problems;
  }
}

/**
 * The values of work that was done for several policies.
 *
 * @throws PolicyError with everything that is wrong with any of them; what went wrong otherwise before that, as it is
 */
export function valuesOf<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  const errors: unknown[] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const other = errors.find((error) => !(error instanceof PolicyError));
  if (other !== undefined) throw other;
  if (errors.length > 0) {
    throw new PolicyError(errors.flatMap((error) => (error instanceof PolicyError ? error.problems : [])));
  }
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

/** `file:line:column: message` */
export function describeProblem({ file, line, column, message }: PolicyProblem): string {
  return [file, line, column]
    .filter((part) => part !== undefined)
    .join(":")
    .concat(`: ${message}`);
}

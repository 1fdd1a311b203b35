/** A policy that is ready to run. */
import type { Stage } from "../preprocessing/step.ts";
import type { PolicyFile } from "./policy-file.ts";
import type { PolicyProblem } from "./problem.ts";
import type { Path } from "./schema-problems.ts";

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

/** What is wrong with policy files, and where. */

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

/** `file:line:column: message` */
export function describeProblem({ file, line, column, message }: PolicyProblem): string {
  return [file, line, column]
    .filter((part) => part !== undefined)
    .join(":")
    .concat(`: ${message}`);
}

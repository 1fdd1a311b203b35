/** The launcher's public door: the stack, for tests that start the whole system. */

export type { ProcessName } from "./processes.ts";
export { programOf, type Room } from "./program.ts";
export { type Stack, type StackOptions, startStack } from "./stack.ts";
export { type Observations, type Summary, summarise } from "./summary.ts";
export {
  type Death,
  describeDeath,
  type ProcessPlan,
  type SupervisedProcess,
  supervise,
} from "./supervised-process.ts";
export { createWitness, quantile, type Witness } from "./witness.ts";

/** The launcher's public door: the stack and its processes, for tests that start the whole system or a part of it. */
export { quantile } from "./latency.ts";
export { type Stack, type StackOptions, startStack } from "./stack.ts";
export { type Death, describeDeath, programOf, SupervisedProcess } from "./supervised-process.ts";

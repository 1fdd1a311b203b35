/** From rows to a better model. */
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate/evaluate.ts";

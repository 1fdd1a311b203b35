/** From rows to a better model. */
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluation/evaluate.ts";

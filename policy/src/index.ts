/** What a policy is: its file, preprocessing, predictions and the port to what computes its model. */
export { frameworkNames } from "./file/frameworks.ts";
export { type LoadOptions, loadPolicies } from "./file/load.ts";
export { parseMemory } from "./file/memory.ts";
export { ownPolicies } from "./file/own-policies.ts";
export { policiesOption } from "./file/policies-option.ts";
export type { Policy } from "./file/policy.ts";
export { type ContainerModel, type OutputOptions, type PolicyFile, picturesOf } from "./file/policy-file.ts";
export { policyNamed } from "./file/policy-named.ts";
export { describeProblem, PolicyError, type PolicyProblem, valuesOf } from "./file/problem.ts";
export { withModel } from "./file/with-model.ts";
export { numberOfHalf } from "./half-float.ts";
export { modelVersionOf } from "./onnx/onnx-model.ts";
export { type ContainerPlace, type FrameworkModel, openRuntime, type RuntimeDependencies } from "./open-runtime.ts";
export { createChunkPlayer } from "./prediction/chunk-player.ts";
export type { Counters, SkipReason } from "./prediction/counters.ts";
export { type OpenPredictor, openPredictor, openPredictors } from "./prediction/open-predictor.ts";
export { interpret, type Meaning } from "./prediction/output.ts";
export type { Pictures } from "./prediction/pictures.ts";
export {
  createPredictor,
  type PredictionPacket,
  type Predictor,
  type PredictorDependencies,
} from "./prediction/predictor.ts";
export { fieldOf } from "./preprocessing/decode.ts";
export { createPipeline, type Pipeline, type Processed } from "./preprocessing/pipeline.ts";
export type { Place, PolicyServer, Wire, WireOptions } from "./remote/ports.ts";
export { type ModelAnswer, ModelMismatchError, ModelUnavailableError, type Runtime } from "./runtime.ts";
export {
  bytesOf,
  type Dtype,
  dtypes,
  elementsOf,
  isTensor,
  isTensorLike,
  requireTensor,
  type Tensor,
  type TypedArrays,
  tensorOver,
  toFloat32,
} from "./tensor.ts";

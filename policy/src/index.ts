/** What a policy is: its file, preprocessing, predictions and the port to what computes its model. */
export { type ContainerOptions, frameworkNames, parseMemory } from "./file/container.ts";
export { type LoadOptions, loadPolicies, policyNamed } from "./file/load.ts";
export {
  describeProblem,
  type Policy,
  PolicyError,
  type PolicyProblem,
  valuesOf,
  withModel,
} from "./file/policy.ts";
export { type OutputOptions, type PolicyFile, picturesOf, type WireName } from "./file/schema.ts";
export { modelVersionOf } from "./onnx/onnx-runtime.ts";
export { type ContainerPlace, openRuntime, type RuntimeDependencies, type Wires } from "./open-runtime.ts";
export { type ChunkPlayer, createChunkPlayer } from "./prediction/chunk-player.ts";
export type { Counters, SkipReason } from "./prediction/counters.ts";
export { interpret, type Meaning } from "./prediction/output.ts";
export { openPredictor, openPredictors, type PredictionPacket, type Predictor } from "./prediction/predictor.ts";
export { fieldOf } from "./preprocessing/decode.ts";
export { Pipeline, type Processed } from "./preprocessing/pipeline.ts";
export type { Place, PolicyServer, Wire, WireOptions } from "./remote/ports.ts";
export { type ModelAnswer, ModelMismatchError, ModelUnavailableError, type Pictures, type Runtime } from "./runtime.ts";
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

/** What other rooms may use: the worker, and its core for tests that close the loop in one process. */
export { type LoadOptions, loadPolicies } from "./policies/load.ts";
export { ownPolicies } from "./policies/own-policies.ts";
export { policiesOption } from "./policies/policies-option.ts";
export type { Policy } from "./policies/policy.ts";
export type { PolicyFile } from "./policies/policy-file.ts";
export { describeProblem, PolicyError, type PolicyProblem, valuesOf } from "./policies/problem.ts";
export { withModel } from "./policies/with-model.ts";
export type { Counters, SkipReason } from "./prediction/counters.ts";
export { type OpenPredictor, openPredictor, openPredictors } from "./prediction/open-predictor.ts";
export { interpret, type Meaning } from "./prediction/output.ts";
export { createPredictor, type Predictor, type PredictorDependencies } from "./prediction/predictor.ts";
export { fieldOf } from "./preprocessing/decode.ts";
export { createPipeline, type Pipeline, type Processed } from "./preprocessing/pipeline.ts";
export { modelVersionOf } from "./runtimes/onnx/onnx-model.ts";
export { openRuntime, type RuntimeDependencies } from "./runtimes/open-runtime.ts";
export { type ModelAnswer, ModelMismatchError, ModelUnavailableError, type Runtime } from "./runtimes/runtime.ts";
export {
  type BrainWorker,
  type BrainWorkerDependencies,
  type BrainWorkerOptions,
  type BrainWorkerStats,
  createBrainWorker,
} from "./worker.ts";
export {
  createZmqClient,
  type RequestOptions,
  type ZmqClient,
  type ZmqClientOptions,
} from "./zmq/client.ts";
export { ZmqProtocolError, ZmqRemoteError, ZmqTimeoutError, ZmqUnavailableError } from "./zmq/errors.ts";
export type { Form } from "./zmq/frames.ts";
export type { Health } from "./zmq/messages.ts";
export { createZmqClientPool, type ZmqClientPool } from "./zmq/pool.ts";
export { createZmqServer, type Handler, type ZmqServer, type ZmqServerOptions } from "./zmq/server.ts";
export { type Dtype, isTensor, type Tensor } from "./zmq/tensor.ts";

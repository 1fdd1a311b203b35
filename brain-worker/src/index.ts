/** What other rooms may use: the worker. */
export {
  type BrainWorker,
  type BrainWorkerDependencies,
  type BrainWorkerOptions,
  type BrainWorkerStats,
  createBrainWorker,
} from "./worker.ts";

/** What other rooms may use: the worker. Most start it as a program (`main.ts`). */
export { BrainWorker, type BrainWorkerDependencies, type BrainWorkerOptions } from "./worker.ts";

/** Runs an ONNX model on a thread of its own, and starts the thread again when it dies. */
import { createHash } from "node:crypto";
import type { Logger } from "pino";
import { keepRunning } from "../keep-running.ts";
import { ModelMismatchError, ModelUnavailableError, type Runtime } from "../runtime.ts";
import { type ModelContract, requireContract } from "./model-contract.ts";
import { type SessionThread, startSessionThread } from "./start-session-thread.ts";

export interface OnnxDependencies {
  readonly logger: Logger;
  /** Told each time the thread is gone and started again. */
  readonly onRestart?: (() => void) | undefined;
  readonly startThread?: typeof startSessionThread;
}

export interface OnnxModelOptions extends ModelContract {
  /** The ONNX file, for people. */
  readonly file: string;
  /** Threads that one operator may use; 1 when missing, since robots and policies share the processor. */
  readonly threads?: number;
}

/** The first 12 hex digits of the SHA-256 of an ONNX file's content. */
export function modelVersionOf(model: Uint8Array): string {
  return createHash("sha256").update(model).digest("hex").slice(0, 12);
}

/**
 * Opens a model, compares it with its contract and runs it once.
 *
 * @param model the content of an ONNX file
 * @throws ModelMismatchError when it is not the model that the policy describes
 */
export async function openOnnxModel(
  { logger, onRestart, startThread = startSessionThread }: OnnxDependencies,
  model: Uint8Array,
  { file, threads = 1, ...contract }: OnnxModelOptions,
): Promise<Runtime> {
  const modelVersion = modelVersionOf(model);
  const running = await keepRunning({
    logger,
    onRestart,
    what: file,
    start: () => startChecked(startThread({ model, threads }), contract),
  });

  return {
    modelVersion,
    infer: async (features, rows) => ({ values: await running.current().infer(features, rows), modelVersion }),
    close: () => running.close(),
  };
}

/** A thread whose model keeps the contract, with the first and slowest run behind it. */
async function startChecked(started: Promise<SessionThread>, contract: ModelContract): Promise<SessionThread> {
  const thread = await started;
  try {
    requireContract(contract, thread.inputs, thread.outputs);
    await warmUp(thread, contract);
    return thread;
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/** Two examples, so that a model for single ones shows. A model whose training went astray often answers with NaN. */
async function warmUp(thread: SessionThread, { features, labels, output }: ModelContract): Promise<void> {
  const rows = 2;
  const values = await thread.infer(new Float32Array(rows * features), rows).catch((error: Error) => {
    if (error instanceof ModelUnavailableError) throw error;
    throw new ModelMismatchError("file", `must run on [${rows}, ${features}] features; ${error.message}`);
  });
  if (values.length !== rows * labels) {
    const message = `must name the model's ${values.length / rows} ${output}; got ${labels} labels`;
    throw new ModelMismatchError("labels", message);
  }
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new ModelMismatchError("file", `must answer with finite numbers; got ${bad}`);
}

/** Serves the model of an ONNX file, and the next one when the file changes. */
import { readFile } from "node:fs/promises";
import type { Runtime } from "../runtime.ts";
import { createSuccession, type Succession } from "../succession.ts";
import { modelVersionOf, type OnnxDependencies, type OnnxModelOptions, openOnnxModel } from "./onnx-model.ts";
import { settledChanges } from "./settled-changes.ts";

export interface OnnxRuntimeOptions extends OnnxModelOptions {
  /** Takes a changed file over without a pause; otherwise the model that was there first serves to the end. */
  readonly follow?: boolean | undefined;
}

/**
 * Opens a file's model. Whoever opened it closes it.
 *
 * A followed file that changes is loaded beside the model that serves, compared with the same contract and run once;
 * then it answers instead, from one question to the next. A file that cannot serve leaves the old model in its place,
 * and the log says why.
 *
 * @throws ModelMismatchError when the file is not the model that the policy describes
 */
export async function openOnnxRuntime(
  dependencies: OnnxDependencies,
  { follow = false, ...options }: OnnxRuntimeOptions,
): Promise<Runtime> {
  const { file } = options;
  const first = await openOnnxModel(dependencies, await readFile(file), options);
  if (!follow) return first;

  const serving = createSuccession(first);
  const closing = new AbortController();
  const following = followFile(dependencies, serving, options, closing.signal);
  return {
    get modelVersion() {
      return serving.modelVersion;
    },
    infer: serving.infer,
    async close() {
      closing.abort();
      await following;
      await serving.close();
    },
  };
}

async function followFile(
  dependencies: OnnxDependencies,
  serving: Succession,
  options: OnnxModelOptions,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = dependencies;
  const { file } = options;

  const takeOver = async (): Promise<void> => {
    const model = await readFile(file);
    const was = serving.modelVersion;
    if (modelVersionOf(model) === was) return;
    const next = await openOnnxModel(dependencies, model, options);
    if (signal.aborted) return next.close();
    const gone = serving.succeed(next);
    logger.info({ file, model_version: next.modelVersion, was }, "the model file has changed; the new model serves");
    await gone;
  };

  for await (const _ of settledChanges(file, signal)) {
    await takeOver().catch((error: Error) => {
      const problem = error.message;
      logger.error(
        { file, problem, model_version: serving.modelVersion },
        "a new model cannot serve; the old one does",
      );
    });
  }
}

/** Opens the model of a policy with the runtime that its file names. */
import type { Logger } from "pino";
import type { Policy } from "../policies/policy.ts";
import { PolicyError } from "../policies/problem.ts";
import { openOnnxRuntime } from "./onnx/onnx-runtime.ts";
import { ModelMismatchError, type Runtime } from "./runtime.ts";

/**
 * Resolves when the model has answered for the first time.
 *
 * @throws PolicyError when the model is not the one that the policy describes
 */
export async function openRuntime(logger: Logger, policy: Policy): Promise<Runtime> {
  try {
    return await open(logger, policy);
  } catch (error) {
    if (!(error instanceof ModelMismatchError)) throw error;
    const [path, subject] =
      error.part === "file"
        ? [["model", "file"], `model.file (${policy.definition.model.file})`]
        : [["output", "labels"], "output.labels"];
    throw new PolicyError([policy.problemAt(path, `${subject} ${error.message}`)]);
  }
}

function open(logger: Logger, { definition: { model, output }, modelFile, featureNames }: Policy): Promise<Runtime> {
  switch (model.runtime) {
    case "onnx":
      return openOnnxRuntime(
        { logger },
        {
          file: modelFile,
          features: featureNames.length,
          labels: output.labels.length,
          output: output.kind === "regression" ? "values" : "probabilities",
        },
      );
  }
}

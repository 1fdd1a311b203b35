/** What an ONNX file must look like to serve a policy. */
import { ModelMismatchError, ModelUnavailableError } from "../runtime.ts";
import type { SessionThread, TensorDescription } from "./session-thread.ts";

/** One input `features` [N, F] and one output [N, C], float32, N free. */
export interface ModelContract {
  /** F: the numbers that the policy's preprocessing hands over. */
  readonly features: number;
  /** C: the policy's labels. */
  readonly labels: number;
  /** `probabilities`, or `values` for a regression. */
  readonly output: "probabilities" | "values";
}

/**
 * Compares a model with what its policy says, and runs it once: the first run is the slowest.
 *
 * @throws ModelMismatchError
 */
export async function requireContract(contract: ModelContract, thread: SessionThread): Promise<void> {
  requireTensors(contract, thread);
  await requireNumbers(contract, thread);
}

function requireTensors({ features, labels, output }: ModelContract, { inputs, outputs }: SessionThread): void {
  const expectedInput = { name: "features", columns: features };
  const expectedOutput = { name: output, columns: labels };
  requireTensor("input", expectedInput, inputs);
  requireTensor("output", expectedOutput, outputs);
  const [input, answer] = [columnsOf(inputs), columnsOf(outputs)];
  if (input !== undefined && input !== features) {
    throw new ModelMismatchError("file", `takes ${input} features; the policy's preprocessing makes ${features}`);
  }
  if (answer !== undefined && answer !== labels) {
    throw new ModelMismatchError("labels", `must name the model's ${answer} outputs; got ${labels} labels`);
  }
}

function requireTensor(
  role: string,
  { name, columns }: { name: string; columns: number },
  tensors: readonly TensorDescription[],
): void {
  const [tensor] = tensors;
  const fits =
    tensors.length === 1 &&
    tensor !== undefined &&
    tensor.name === name &&
    tensor.type === "float32" &&
    tensor.shape.length === 2 &&
    typeof tensor.shape[0] === "string";
  if (fits) return;
  throw new ModelMismatchError(
    "file",
    `must have one ${role}, ${name} float32 [N, ${columns}]; got ${tensors.map(describe).join(" and ") || "none"}`,
  );
}

/** Undefined where the model leaves it open; the first answer then shows it. */
function columnsOf([tensor]: readonly TensorDescription[]): number | undefined {
  const columns = tensor?.shape[1];
  return typeof columns === "number" ? columns : undefined;
}

function describe({ name, type, shape }: TensorDescription): string {
  return `${name} ${type ?? "(no tensor)"} [${shape.join(", ")}]`;
}

/** Two examples, so that a model for single ones shows. A model whose training went astray often answers with NaN. */
async function requireNumbers({ features, labels, output }: ModelContract, thread: SessionThread): Promise<void> {
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

/** Opens the model of a policy with the runtime that its file names. */
import type { Logger } from "pino";
import type { Policy } from "../policies/policy.ts";
import type { ContainerModel } from "../policies/policy-file.ts";
import { PolicyError } from "../policies/problem.ts";
import { openContainerRuntime, type ServerPlace } from "./container/container-runtime.ts";
import { type ContainerHost, createFrameworkContainer } from "./container/framework-container.ts";
import { openOnnxRuntime } from "./onnx/onnx-runtime.ts";
import { ModelMismatchError, type Runtime } from "./runtime.ts";

export interface RuntimeDependencies {
  readonly logger: Logger;
  /** Where policies that name a framework have their containers; `user`: this worker's name there. */
  readonly containers?: (ContainerHost & { readonly user: string }) | undefined;
  /** Told each time a policy's model is gone and started again. */
  readonly onRestart?: ((policy: string) => void) | undefined;
}

export interface RuntimeOptions {
  /** Takes over a model file that changes; see `openOnnxRuntime`. */
  readonly follow?: boolean | undefined;
}

/**
 * Resolves when the model has answered for the first time; for a server in a container at once.
 *
 * @throws PolicyError when the model is not the one that the policy describes
 */
export async function openRuntime(
  { logger, containers, onRestart }: RuntimeDependencies,
  policy: Policy,
  options: RuntimeOptions = {},
): Promise<Runtime> {
  try {
    return await open({ logger: logger.child({ policy: policy.name }), containers, onRestart }, policy, options);
  } catch (error) {
    if (!(error instanceof ModelMismatchError)) throw error;
    throw new PolicyError([mismatch(policy, error)]);
  }
}

function mismatch({ definition: { model }, problemAt }: Policy, { part, message }: ModelMismatchError) {
  if (part === "labels") return problemAt(["output", "labels"], `output.labels ${message}`);
  const file = model.runtime === "onnx" ? model.file : "";
  return problemAt(["model", "file"], `model.file (${file}) ${message}`);
}

async function open(
  { logger, containers, onRestart: restarted }: RuntimeDependencies,
  policy: Policy,
  { follow }: RuntimeOptions,
): Promise<Runtime> {
  const onRestart = () => restarted?.(policy.name);
  const { model, output, deadline_ms: deadlineMs } = policy.definition;
  switch (model.runtime) {
    case "onnx":
      return openOnnxRuntime(
        { logger, onRestart },
        {
          follow,
          file: policy.pathOf(model.file),
          features: policy.featureNames.length,
          labels: output.labels.length,
          output: output.kind === "regression" ? "values" : "probabilities",
        },
      );
    case "container":
      return openContainerRuntime(
        { logger, onRestart, place: placeOf(policy, model, { logger, containers }) },
        {
          kind: output.kind,
          deadlineMs,
          form: model.form ?? "multipart",
          labels: output.labels.length,
          dtMs: output.kind === "action_chunk" ? output.dt_ms : undefined,
          stateName: model.observation?.state ?? "robot_state",
          task: model.observation?.task,
        },
      );
  }
}

/** The policy's file names a framework or an endpoint, and not both. */
function placeOf({ name }: Policy, model: ContainerModel, { logger, containers }: RuntimeDependencies): ServerPlace {
  const { framework, endpoint = "" } = model;
  if (framework === undefined) return { endpoint };
  if (containers === undefined) throw new Error(`${name} runs in a container, and this program starts none`);
  const options = { usedBy: `${containers.user}/${name}`, model: { ...model, framework } };
  return { container: createFrameworkContainer({ ...containers, logger }, options) };
}

/** Opens the model of a policy with the runtime that its file names. */
import type { Logger } from "pino";
import type { Policy } from "./file/policy.ts";
import type { ContainerModel } from "./file/policy-file.ts";
import { PolicyError } from "./file/problem.ts";
import { openOnnxRuntime } from "./onnx/onnx-runtime.ts";
import { endpointPlace } from "./remote/endpoint.ts";
import type { Place, Wire } from "./remote/ports.ts";
import { openRemoteRuntime } from "./remote/remote-runtime.ts";
import { ModelMismatchError, type Runtime } from "./runtime.ts";

/** A model whose policy file names the framework that serves it. */
export type FrameworkModel = ContainerModel & { readonly framework: string };

/** Where the container of a policy's server is. */
export type ContainerPlace = (policy: string, model: FrameworkModel, logger: Logger) => Place;

export interface RuntimeDependencies {
  readonly logger: Logger;
  /** How policy servers are spoken to; none where only ONNX files are opened. */
  readonly wire?: Wire | undefined;
  /** Where policies that name a framework have their containers. */
  readonly containerPlace?: ContainerPlace | undefined;
  /** Told each time a policy's model is gone and started again. */
  readonly onRestart?: ((policy: string) => void) | undefined;
}

export interface RuntimeOptions {
  /** Takes over a model file that changes; see `openOnnxRuntime`. */
  readonly follow?: boolean | undefined;
}

/**
 * Resolves when the model has answered for the first time; for a policy server at once.
 *
 * @throws PolicyError when the model is not the one that the policy describes
 */
export async function openRuntime(
  { logger, ...dependencies }: RuntimeDependencies,
  policy: Policy,
  options: RuntimeOptions = {},
): Promise<Runtime> {
  try {
    return await open({ logger: logger.child({ policy: policy.name }), ...dependencies }, policy, options);
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

async function open(dependencies: RuntimeDependencies, policy: Policy, { follow }: RuntimeOptions): Promise<Runtime> {
  const { logger, wire } = dependencies;
  const onRestart = () => dependencies.onRestart?.(policy.name);
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
      if (wire === undefined) throw new Error(`${policy.name} has a policy server, and this program speaks to none`);
      return openRemoteRuntime(
        { logger, onRestart, wire, place: placeOf(policy, model, dependencies) },
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
function placeOf({ name }: Policy, model: ContainerModel, { logger, containerPlace }: RuntimeDependencies): Place {
  const { framework, endpoint = "" } = model;
  if (framework === undefined) return endpointPlace(endpoint);
  if (containerPlace === undefined) throw new Error(`${name} runs in a container, and this program starts none`);
  return containerPlace(name, { ...model, framework }, logger);
}

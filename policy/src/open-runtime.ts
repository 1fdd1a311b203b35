/** Opens the model of a policy with the runtime that its file names. */
import type { Logger } from "pino";
import type { ContainerOptions } from "./file/container.ts";
import { type Policy, PolicyError, type PolicyProblem } from "./file/policy.ts";
import type { RemoteModel, WireName } from "./file/schema.ts";
import { openOnnxRuntime } from "./onnx/onnx-runtime.ts";
import { endpointPlace, type Place, type Wire } from "./remote/ports.ts";
import { RemoteRuntime } from "./remote/remote-runtime.ts";
import { ModelMismatchError, type Runtime } from "./runtime.ts";

/** Where the container of a policy's server is. */
export type ContainerPlace = (policy: string, container: ContainerOptions, logger: Logger) => Place;

/** By the names that policy files have for them. */
export type Wires = Readonly<Record<WireName, Wire>>;

export interface RuntimeDependencies {
  readonly logger: Logger;
  /** How policy servers are spoken to; none where only ONNX files are opened. */
  readonly wires?: Wires | undefined;
  /** Where policies that name a container have it; none where containers are not ours to start. */
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

function mismatch({ definition: { model }, problemAt }: Policy, { part, message }: ModelMismatchError): PolicyProblem {
  if (part === "labels") return problemAt(["output", "labels"], `output.labels ${message}`);
  const file = model.runtime === "onnx" ? model.file : "";
  return problemAt(["model", "file"], `model.file (${file}) ${message}`);
}

async function open(dependencies: RuntimeDependencies, policy: Policy, { follow }: RuntimeOptions): Promise<Runtime> {
  const { logger } = dependencies;
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
    case "remote":
      return new RemoteRuntime(
        {
          logger,
          onRestart,
          wire: wireOf(policy, model, dependencies),
          place: placeOf(policy, model, dependencies),
        },
        {
          kind: output.kind,
          deadlineMs,
          form: model.form,
          labels: output.labels.length,
          dtMs: output.kind === "action_chunk" ? output.dt_ms : undefined,
          stateName: model.observation?.state ?? "robot_state",
          task: model.observation?.task,
        },
      );
  }
}

function wireOf({ name }: Policy, { wire = "zmq" }: RemoteModel, { wires }: RuntimeDependencies): Wire {
  if (wires === undefined) throw new Error(`${name} has a policy server, and this program speaks to none`);
  return wires[wire];
}

/** The policy's file names a container or an endpoint, and not both. */
function placeOf({ name }: Policy, model: RemoteModel, { logger, containerPlace }: RuntimeDependencies): Place {
  const { container, endpoint = "" } = model;
  if (container === undefined) return endpointPlace(endpoint);
  if (containerPlace === undefined) throw new Error(`${name} runs in a container, and this program starts none`);
  return containerPlace(name, container, logger);
}

/** The ONNX file of a policy: what it is, and whether another could take its place. */
import { readFile, stat } from "node:fs/promises";
import { modelVersionOf, openRuntime, type Policy, withModel } from "@physical-ai/policy";
import { pino } from "pino";

/** What goes wrong is told by the errors. */
const logger = pino({ level: "silent" });

/** A model file as it is now. */
export interface ModelFile {
  readonly modelVersion: string;
  /** When it came into its place. */
  readonly since: Date;
}

/** The path of a policy's ONNX file; undefined for a policy in a container. */
export function modelPathOf({ definition: { model }, pathOf }: Policy): string | undefined {
  return model.runtime === "onnx" ? pathOf(model.file) : undefined;
}

/** @throws Error when the policy's model runs in a container */
export function requireModelPath(policy: Policy): string {
  const path = modelPathOf(policy);
  if (path !== undefined) return path;
  throw new Error(
    `expected a policy with model.runtime onnx; the model of ${policy.name} runs in a container: change ${policy.file}, and restart the worker`,
  );
}

/** Undefined where there is no file yet. */
export async function readModelFile(path: string): Promise<ModelFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return { modelVersion: modelVersionOf(await readFile(path)), since: found.mtime };
}

/**
 * Loads an ONNX file as the worker does, compares it with the policy and runs it once.
 *
 * @returns its content, which is what was checked
 * @throws PolicyError when it is not the model that the policy describes
 */
export async function readChecked(policy: Policy, file: string): Promise<Uint8Array> {
  const content = await readFile(file).catch((error: Error) => {
    throw new Error(`expected an ONNX file at ${file}; ${error.message}`);
  });
  const runtime = await openRuntime({ logger }, withModel(policy, file));
  await runtime.close();
  if (runtime.modelVersion === modelVersionOf(content)) return content;
  throw new Error(`${file} changed while it was being checked; try again when it is complete`);
}

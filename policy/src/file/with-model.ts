import { resolve } from "node:path";
import type { Policy } from "./policy.ts";

/** The same policy with another ONNX file: to check or to compare it before it serves. */
export function withModel(policy: Policy, file: string): Policy {
  return { ...policy, definition: { ...policy.definition, model: { runtime: "onnx", file: resolve(file) } } };
}

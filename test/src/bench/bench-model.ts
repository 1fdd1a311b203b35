/** The models that benchmarks run, in a policy and alone. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPolicies, type Policy } from "@physical-ai/policy";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { ratePerSecond } from "./bench.ts";

const channels = 24;

export const modelFile = (name: string) =>
  fileURLToPath(new URL(`../../src/bench/models/${name}.onnx`, import.meta.url));

/** A policy that hands 24 ranges to a model as they are; its file lies in a folder of its own. */
export async function benchPolicy(folder: string, model: string): Promise<Policy> {
  const directory = await mkdtemp(join(folder, "policy-"));
  const text = `name: bench
description: A model of a usual size.
listens_to: { types: [ultrasound], delivery: every, field: ranges, channels: ${channels} }
preprocess: []
model: { runtime: onnx, file: ${JSON.stringify(model)} }
output: { kind: action, labels: [a, b, c, d] }
deadline_ms: 60000
`;
  await writeFile(join(directory, "bench.yaml"), text);
  const [policy] = await loadPolicies(directory);
  if (policy === undefined) throw new Error("expected a policy");
  return policy;
}

/** Rows a second of `session.run` alone: one batch after the other. */
export async function measureBare(model: string, batchRows: number, batches: number): Promise<number> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const features = new Float32Array(batchRows * channels).fill(0.5);
  const run = () => session.run({ features: new Tensor("float32", features, [batchRows, channels]) });
  await run();
  const rate = await ratePerSecond(batches * batchRows, async () => {
    for (let batch = 0; batch < batches; batch++) await run();
  });
  await session.release();
  return rate;
}

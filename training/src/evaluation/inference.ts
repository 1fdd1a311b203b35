/** Runs a model over many examples at once. */
import type { Example } from "@physical-ai/export/features";
import { interpret, type Meaning, type Policy, type Runtime } from "@physical-ai/policy";

/** What the model makes of each example, in their order. @throws RangeError when it gave something that is no number */
export async function inferAll(policy: Policy, runtime: Runtime, examples: readonly Example[]): Promise<Meaning[]> {
  const inputs = policy.featureNames.length;
  const features = new Float32Array(examples.length * inputs);
  for (const [row, example] of examples.entries()) features.set(example.features, row * inputs);
  const { values } = await runtime.infer(features, examples.length);
  const { output } = policy.definition;
  const columns = output.labels.length;
  return examples.map((_, row) => interpret({ output }, values.subarray(row * columns, (row + 1) * columns)));
}

/** Milliseconds that the model takes for one example, as it does for the packet of one robot. */
export interface Latency {
  p50: number;
  p99: number;
}

/** Asks for one example after the other. */
export async function measureLatency(policy: Policy, runtime: Runtime, examples: readonly Example[]): Promise<Latency> {
  const times: number[] = [];
  for (const example of examples) {
    const startedAt = performance.now();
    await inferAll(policy, runtime, [example]);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const percentile = (share: number) => {
    const time = times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
    // To a microsecond: finer digits would be noise.
    return Number(time.toFixed(3));
  };
  return { p50: percentile(0.5), p99: percentile(0.99) };
}

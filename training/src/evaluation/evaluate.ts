/** Runs a model over stored rows as fast as it can, and compares it with labels and with what was predicted then. */
import { readTelemetry, type TelemetrySelection } from "@physical-ai/export";
import {
  type Example,
  LabelledExamples,
  type LabelSource,
  type RowCounts,
  rowsFor,
} from "@physical-ai/export/features";
import type { Meaning, Policy, Runtime } from "@physical-ai/policy";
import type { Pool } from "pg";
import { inferAll, type Latency, measureLatency } from "./inference.ts";
import { type Difference, Judge } from "./judge.ts";
import type { Score } from "./score.ts";

export interface EvaluateDependencies {
  /** Two connections are in use at a time. */
  readonly pool: Pool;
  /** Closed by whoever opened it. */
  readonly runtime: Runtime;
}

export interface EvaluateOptions extends Pick<TelemetrySelection, "robots" | "since" | "until"> {
  readonly labels: LabelSource;
  /** Told of so many more rows that were read. */
  readonly onRows?: (rows: number) => void;
}

/** The figures, and the rows that differ most. */
export interface Evaluation {
  readonly figures: Figures;
  readonly differences: readonly Difference[];
}

/** What `npm run policy -- evaluate --json` prints. */
export interface Figures extends Omit<RowCounts, "examples">, Score {
  policy: string;
  model_version: string;
  predicted: number;
  rows_per_s: number;
  latency_ms: Latency;
}

const batchRows = 1_024;
const latencyExamples = 200;

/**
 * Nothing is written. Memory stays flat however many rows there are.
 *
 * @throws Error when no row makes an input, or the database goes away in the middle
 */
export async function evaluate(
  { pool, runtime }: EvaluateDependencies,
  policy: Policy,
  { labels, onRows = () => undefined, ...selection }: EvaluateOptions,
): Promise<Evaluation> {
  const examples = new LabelledExamples(policy, labels);
  const judge = new Judge(pool, policy, selection);
  const sample: Example[] = [];

  async function* batches(): AsyncGenerator<Example[]> {
    for await (const rows of readTelemetry(pool, rowsFor(policy, labels, selection), { batchRows })) {
      const batch = examples.take(rows);
      sample.push(...batch.slice(0, latencyExamples - sample.length));
      onRows(rows.length);
      if (batch.length > 0) yield batch;
    }
  }

  const startedAt = performance.now();
  const infer = (batch: readonly Example[]) => inferAll(policy, runtime, batch);
  await judgeAll(batches(), infer, judge).finally(() => judge.close());
  const seconds = (performance.now() - startedAt) / 1_000;

  const { examples: predicted, ...counts } = examples.counts;
  if (predicted === 0) throw new Error(nothing(policy, counts));
  const figures = {
    policy: policy.name,
    model_version: runtime.modelVersion ?? "unknown",
    ...counts,
    predicted,
    rows_per_s: Math.round(counts.rows / seconds),
    ...judge.score(),
    latency_ms: await measureLatency(policy, runtime, sample),
  };
  return { figures, differences: judge.differences() };
}

function nothing({ name, definition }: Policy, { rows, problem }: Pick<RowCounts, "rows" | "problem">): string {
  const types = definition.listens_to.types.join(", ");
  const first = problem === undefined ? "" : `, and of ${problem}`;
  return `expected rows of ${types} that make an input for ${name}; got ${rows} rows${first}`;
}

/** The model is asked for the next batch before the last one is judged: it waits for neither reading nor judging. */
async function judgeAll(
  batches: AsyncIterable<readonly Example[]>,
  infer: (batch: readonly Example[]) => Promise<Meaning[]>,
  judge: Judge,
): Promise<void> {
  let judged = Promise.resolve();
  for await (const batch of batches) {
    const meanings = infer(batch);
    // Heard when they are awaited; should something else fail first, that is what is told.
    meanings.catch(() => undefined);
    await judged;
    judged = judge.judge(batch, meanings);
    judged.catch(() => undefined);
  }
  await judged;
}

/** Judges batches of examples: what the model says, against labels and what was predicted then. */
import type { Policy, Runtime } from "@physical-ai/brain-worker";
import type { Pool } from "pg";
import type { Example } from "../features/examples.ts";
import { keepGreatest } from "./greatest.ts";
import { inferAll } from "./micro-batch.ts";
import { followPredictions } from "./predicted-then.ts";
import { createScorer, type Score, type Verdict } from "./score.ts";

/** A row for which the model says something else than was said then. */
export interface Difference extends Verdict {
  readonly row: Example["row"];
}

export interface Judge {
  /** Takes the next examples, in the order of time; one call after the other. */
  judge(batch: readonly Example[]): Promise<void>;
  score(): Score;
  /** The greatest first. */
  differences(): readonly Difference[];
}

const mostDifferences = 1_000;

export function createJudge({ pool, runtime }: { pool: Pool; runtime: Runtime }, policy: Policy): Judge {
  const then = followPredictions(pool, policy.name, policy.definition.deadline_ms);
  const scorer = createScorer();
  const greatest = keepGreatest<Difference>(mostDifferences, ({ difference = 0 }) => difference);
  return {
    async judge(batch) {
      const [meanings, stored] = await Promise.all([
        inferAll(policy, runtime, batch),
        then.of(batch.map(({ row }) => row)),
      ]);
      for (const [index, { row, label }] of batch.entries()) {
        const meaning = meanings[index];
        if (meaning === undefined) continue;
        const verdict = scorer.judge(meaning, label, stored[index]);
        if (verdict.difference !== undefined && verdict.difference > 0) greatest.add({ row, ...verdict });
      }
    },
    score: scorer.score,
    differences: greatest.list,
  };
}

/** Judges what a model says of examples, against labels and what was predicted then. */
import { readPredictions, type TelemetrySelection } from "@physical-ai/export";
import type { Example } from "@physical-ai/export/features";
import type { Meaning, Policy } from "@physical-ai/policy";
import type { Pool } from "pg";
import { keepGreatest } from "./greatest.ts";
import { createScorer, type Score, type Verdict } from "./score.ts";
import { followPredictions, predictionsFor } from "./stored-predictions.ts";

/** A row for which the model says something else than was said then. */
export interface Difference extends Verdict {
  readonly row: Example["row"];
}

/** Whoever creates one closes it. */
export interface Judge {
  /** Takes the next examples, in the order of time, and what the model makes of each; one call after the other. */
  judge(batch: readonly Example[], meanings: Promise<readonly Meaning[]>): Promise<void>;
  score(): Score;
  /** The greatest first. */
  differences(): readonly Difference[];
  /** Reads no further. */
  close(): Promise<void>;
}

const mostDifferences = 1_000;

/** @param selection of the examples' rows */
export function createJudge(
  pool: Pool,
  policy: Policy,
  selection: Pick<TelemetrySelection, "robots" | "since" | "until">,
): Judge {
  const predictions = readPredictions(pool, predictionsFor(policy, selection));
  const then = followPredictions(predictions, policy.definition.deadline_ms);
  const scorer = createScorer();
  const greatest = keepGreatest<Difference>(mostDifferences, ({ difference = 0 }) => difference);
  return {
    async judge(batch, meanings) {
      const [said, stored] = await Promise.all([meanings, then.of(batch.map(({ row }) => row))]);
      for (const [index, { row, label }] of batch.entries()) {
        const meaning = said[index];
        if (meaning === undefined) continue;
        const verdict = scorer.judge(meaning, label, stored[index]);
        if (verdict.difference !== undefined && verdict.difference > 0) greatest.add({ row, ...verdict });
      }
    },
    score: scorer.score,
    differences: greatest.list,
    close: then.close,
  };
}

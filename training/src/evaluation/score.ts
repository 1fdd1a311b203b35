/** Counts how a model does: against labels, and against what was predicted then. */
import type { StoredPrediction } from "@physical-ai/export";
import { fieldOf, type Meaning } from "@physical-ai/policy";
import { type Confusion, createConfusion, createShare, createTally } from "./counts.ts";

/** Numbers of a regression that differ by less are the same. */
const sameWithin = 1e-5;

/** Shares are from 0 to 1, and missing where there is nothing to take a share of. */
export interface Score {
  labelled: number;
  accuracy: number | undefined;
  confusion: Confusion;
  stored: {
    /** Rows with a stored prediction. */
    compared: number;
    agreement: number | undefined;
    /** Of the stored predictions, over the rows that have one and a label. */
    accuracy: number | undefined;
    /** How many predictions of each model were there. */
    model_versions: Record<string, number>;
  };
}

/** A row judged. */
export interface Verdict {
  meaning: Meaning;
  label: string | undefined;
  then: StoredPrediction | undefined;
  /**
   * From the stored prediction: half the sum of what the scores differ by (0–1); of a regression the greatest difference
   * of a value. Undefined where nothing is stored.
   */
  difference: number | undefined;
}

export interface Scorer {
  judge(meaning: Meaning, label: string | undefined, then: StoredPrediction | undefined): Verdict;
  score(): Score;
}

export function createScorer(): Scorer {
  const right = createShare();
  const agreed = createShare();
  const rightThen = createShare();
  const confusion = createConfusion();
  const versions = createTally();

  return {
    judge(meaning, label, then) {
      const { label: predicted } = meaning;
      if (label !== undefined && predicted !== undefined) {
        right.add(label === predicted);
        confusion.add(label, predicted);
      }
      if (then === undefined) return { meaning, label, then, difference: undefined };
      const difference = differenceOf(meaning, then);
      agreed.add(predicted === undefined ? difference < sameWithin : predicted === then.label);
      versions.add(then.modelVersion);
      if (label !== undefined && predicted !== undefined) rightThen.add(label === then.label);
      return { meaning, label, then, difference };
    },
    score: () => ({
      labelled: right.count,
      accuracy: right.share,
      confusion: confusion.table(),
      stored: {
        compared: agreed.count,
        agreement: agreed.share,
        accuracy: rightThen.share,
        model_versions: versions.counts(),
      },
    }),
  };
}

function differenceOf({ scores, values }: Meaning, { numbersJson = "null" }: StoredPrediction): number {
  const numbers: unknown = JSON.parse(numbersJson);
  let sum = 0;
  let greatest = 0;
  for (const [name, value] of Object.entries(scores ?? values ?? {})) {
    const apart = Math.abs(value - numberOf(numbers, name));
    sum += apart;
    greatest = Math.max(greatest, apart);
  }
  return scores === undefined ? greatest : sum / 2;
}

/** A label that the model of then did not know had no score. */
function numberOf(numbers: unknown, name: string): number {
  const value = fieldOf(numbers, name);
  return typeof value === "number" ? value : 0;
}

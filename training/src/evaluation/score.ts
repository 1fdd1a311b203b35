/** Counts how a model does: against labels, and against what was predicted then. */
import type { StoredPrediction } from "@physical-ai/export";
import { fieldOf, type Meaning } from "@physical-ai/policy";

/** Numbers of a regression that differ by less are the same. */
const sameWithin = 1e-5;

/** How often each label (first key) was taken for each (second key). */
export type Confusion = Record<string, Record<string, number>>;

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

export class Scorer {
  readonly #right = new Share();
  readonly #agreed = new Share();
  readonly #rightThen = new Share();
  readonly #confusion = new ConfusionMatrix();
  readonly #versions = new NameCounts();

  judge(meaning: Meaning, label: string | undefined, then: StoredPrediction | undefined): Verdict {
    const { label: predicted } = meaning;
    if (label !== undefined && predicted !== undefined) {
      this.#right.add(label === predicted);
      this.#confusion.add(label, predicted);
    }
    if (then === undefined) return { meaning, label, then, difference: undefined };
    const difference = differenceOf(meaning, then);
    this.#agreed.add(predicted === undefined ? difference < sameWithin : predicted === then.label);
    this.#versions.add(then.modelVersion);
    if (label !== undefined && predicted !== undefined) this.#rightThen.add(label === then.label);
    return { meaning, label, then, difference };
  }

  score(): Score {
    return {
      labelled: this.#right.count,
      accuracy: this.#right.share,
      confusion: this.#confusion.table(),
      stored: {
        compared: this.#agreed.count,
        agreement: this.#agreed.share,
        accuracy: this.#rightThen.share,
        model_versions: this.#versions.counts(),
      },
    };
  }
}

/** Names come from data: they are keys of a Map until they are printed. */
class NameCounts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}

class ConfusionMatrix {
  readonly #rows = new Map<string, NameCounts>();

  add(label: string, predicted: string): void {
    const row = this.#rows.get(label) ?? new NameCounts();
    this.#rows.set(label, row);
    row.add(predicted);
  }

  table(): Confusion {
    return Object.fromEntries([...this.#rows].map(([label, row]) => [label, row.counts()]));
  }
}

/** Counts hits among tries; their share is from 0 to 1, and missing where nothing was tried. */
class Share {
  #count = 0;
  #hits = 0;

  add(hit: boolean): void {
    this.#count += 1;
    if (hit) this.#hits += 1;
  }

  get count(): number {
    return this.#count;
  }

  get share(): number | undefined {
    return this.#count === 0 ? undefined : this.#hits / this.#count;
  }
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

/** Judges what a model says of examples, against labels and what was predicted then. */
import { readPredictions, type TelemetrySelection } from "@physical-ai/export";
import type { Example } from "@physical-ai/export/features";
import type { Meaning, Policy } from "@physical-ai/policy";
import type { Pool } from "pg";
import { type Score, Scorer, type Verdict } from "./score.ts";
import { PredictedThen, predictionsFor } from "./stored-predictions.ts";

/** A row for which the model says something else than was said then. */
export interface Difference extends Verdict {
  readonly row: Example["row"];
}

const mostDifferences = 1_000;

/** Whoever creates one closes it. */
export class Judge {
  readonly #then: PredictedThen;
  readonly #scorer = new Scorer();
  readonly #greatest = new Greatest<Difference>(mostDifferences, ({ difference = 0 }) => difference);

  /** @param selection of the examples' rows */
  constructor(pool: Pool, policy: Policy, selection: Pick<TelemetrySelection, "robots" | "since" | "until">) {
    const predictions = readPredictions(pool, predictionsFor(policy, selection));
    this.#then = new PredictedThen(predictions, policy.definition.deadline_ms);
  }

  /** Takes the next examples, in the order of time, and what the model makes of each; one call after the other. */
  async judge(batch: readonly Example[], meanings: Promise<readonly Meaning[]>): Promise<void> {
    const [said, stored] = await Promise.all([meanings, this.#then.of(batch.map(({ row }) => row))]);
    for (const [index, { row, label }] of batch.entries()) {
      const meaning = said[index];
      if (meaning === undefined) continue;
      const verdict = this.#scorer.judge(meaning, label, stored[index]);
      if (verdict.difference !== undefined && verdict.difference > 0) this.#greatest.add({ row, ...verdict });
    }
  }

  score(): Score {
    return this.#scorer.score();
  }

  /** The greatest first. */
  differences(): readonly Difference[] {
    return this.#greatest.list();
  }

  /** Reads no further. */
  async close(): Promise<void> {
    await this.#then.close();
  }
}

/** Keeps the greatest of many things, in memory for those alone. */
export class Greatest<T> {
  readonly #most: number;
  readonly #sizeOf: (thing: T) => number;
  #kept: T[] = [];

  /** @param most how many are kept */
  constructor(most: number, sizeOf: (thing: T) => number) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  add(thing: T): void {
    this.#kept.push(thing);
    if (this.#kept.length >= 2 * this.#most) this.#kept = this.list();
  }

  /** The greatest first. */
  list(): T[] {
    return this.#kept.toSorted((a, b) => this.#sizeOf(b) - this.#sizeOf(a)).slice(0, this.#most);
  }
}

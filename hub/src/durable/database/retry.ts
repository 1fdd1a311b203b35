/** Does again what the database did not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseOutage } from "./outage.ts";

/** Makes attempts, and tells the operator when they are in vain. */
export interface DatabaseRetry {
  /**
   * Resolves when the database has answered.
   *
   * @throws what trying again cannot help; after `giveUpAfter`, that it was given up, with the last error as its cause
   */
  untilAnswered<T>(attempt: () => Promise<T>): Promise<T>;
  /** Gives up so much later, after a last attempt. The function that comes back takes that back. */
  giveUpAfter(patienceMs: number): () => void;
  readonly givenUp: boolean;
  /** Attempts that the database did not answer, and that were made again. */
  readonly retries: number;
}

export interface DatabaseRetryOptions {
  /** First and longest pause between attempts. */
  pauseMs: { first: number; longest: number };
  /** Whether trying again cannot help. */
  isFinal?: (error: unknown) => boolean;
}

/** Makes one that has attempted nothing. */
export function createDatabaseRetry(
  outage: DatabaseOutage,
  { pauseMs, isFinal = () => false }: DatabaseRetryOptions,
): DatabaseRetry {
  const givingUp = new AbortController();
  const { signal } = givingUp;
  let retries = 0;

  return {
    async untilAnswered(attempt) {
      for (let ms = pauseMs.first; ; ms = Math.min(ms * 2, pauseMs.longest)) {
        try {
          const answer = await attempt();
          outage.over();
          return answer;
        } catch (error) {
          if (isFinal(error)) throw error;
          if (signal.aborted) throw new Error("the hub stopped before the database took it", { cause: error });
          retries++;
          outage.failed(error);
        }
        await sleep(ms, undefined, { signal }).catch(() => undefined);
      }
    },
    giveUpAfter(patienceMs) {
      const timer = setTimeout(() => givingUp.abort(), patienceMs);
      return () => clearTimeout(timer);
    },
    get givenUp() {
      return signal.aborted;
    },
    get retries() {
      return retries;
    },
  };
}

/** A token bucket: so many events a second, and as many at once after a pause. */

/** Says how many events may pass. */
export interface TokenBucket {
  /** True when one more may pass now. */
  take(): boolean;
}

/** Makes a full bucket. `now` is a clock in milliseconds. */
export function createTokenBucket(
  perSecond: number,
  now: () => number = performance.now.bind(performance),
): TokenBucket {
  let tokens = perSecond;
  let filledAt = now();
  return {
    take() {
      const time = now();
      tokens = Math.min(perSecond, tokens + ((time - filledAt) / 1_000) * perSecond);
      filledAt = time;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}

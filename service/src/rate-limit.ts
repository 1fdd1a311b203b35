/** Keeps what may happen with every packet from filling the log. */

/** Allows a thing at most once an interval, for each key. */
export class RateLimit {
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #last = new Map<string, number>();

  /** @param now milliseconds */
  constructor(intervalMs: number, now: () => number = () => performance.now()) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** True when this key's interval is over; the next one begins then. */
  allows(key: string): boolean {
    const at = this.#now();
    const before = this.#last.get(key);
    if (before !== undefined && at - before < this.#intervalMs) return false;
    this.#last.set(key, at);
    return true;
  }
}

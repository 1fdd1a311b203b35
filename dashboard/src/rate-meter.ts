const timeConstantMs = 5_000;

/** Events a second, as an exponential moving average: constant memory whatever comes. */
export class RateMeter {
  #startedAt: number | undefined;
  #updatedAt = 0;
  #weight = 0;

  /** Counts an event at `now` (milliseconds). */
  count(now: number): void {
    this.#startedAt ??= now;
    this.#weight = this.#decayed(now) + 1;
    this.#updatedAt = now;
  }

  /** Events a second at `now`; 0 until there is a quarter of a second to judge by. */
  perSecond(now: number): number {
    const elapsed = this.#startedAt === undefined ? 0 : now - this.#startedAt;
    if (elapsed < 250) return 0;
    const windowMs = timeConstantMs * (1 - Math.exp(-elapsed / timeConstantMs));
    return (1_000 * this.#decayed(now)) / windowMs;
  }

  #decayed(now: number): number {
    return this.#weight * Math.exp(-Math.max(0, now - this.#updatedAt) / timeConstantMs);
  }
}

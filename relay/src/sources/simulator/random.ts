/** Seeded random numbers: the same seed gives the same world on every machine. */

/** mulberry32 */
export class Random {
  #state: number;

  /** @param seed an integer */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.#next();
  }

  /** Normally distributed around 0 (Box–Muller). */
  gaussian(standardDeviation: number): number {
    // 1 - #next() is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - this.#next()));
    return standardDeviation * radius * Math.cos(2 * Math.PI * this.#next());
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

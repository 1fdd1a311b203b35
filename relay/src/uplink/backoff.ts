/** How long to wait before trying again: longer after each failure, and not everybody at the same moment. */

export interface BackoffOptions {
  firstMs: number;
  /** No pause is longer. */
  longestMs: number;
  /** How much longer each pause is than the one before; 2 when missing. */
  factor?: number;
  /** The share of a pause, from 0 to 1, that is left to chance; none when missing. */
  jitter?: number;
}

export class Backoff {
  readonly #options: Required<BackoffOptions>;
  readonly #random: () => number;
  #stepMs: number;

  /** @param random a number from 0 to 1 */
  constructor({ firstMs, longestMs, factor = 2, jitter = 0 }: BackoffOptions, random: () => number = Math.random) {
    this.#options = { firstMs, longestMs, factor, jitter };
    this.#random = random;
    this.#stepMs = firstMs;
  }

  /** How long to wait now, in milliseconds. The next pause is longer. */
  next(): number {
    const { longestMs, factor, jitter } = this.#options;
    const stepMs = Math.min(this.#stepMs, longestMs);
    this.#stepMs = stepMs * factor;
    return stepMs * (1 - jitter * (1 - this.#random()));
  }

  /** It went well: the next pause is the first again. */
  reset(): void {
    this.#stepMs = this.#options.firstMs;
  }
}

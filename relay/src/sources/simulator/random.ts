/** Seeded random numbers: the same seed gives the same world on every machine. */

export interface Random {
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** Normally distributed around 0. */
  gaussian(standardDeviation: number): number;
}

/** Makes a generator (mulberry32) from an integer seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    between: (from, to) => from + (to - from) * next(),
    // Box–Muller; 1 - next() is never 0.
    gaussian: (standardDeviation) =>
      standardDeviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

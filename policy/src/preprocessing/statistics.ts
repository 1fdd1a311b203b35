/** Statistics of one channel over the samples of a window, as NumPy computes them. Each takes at least one value. */

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of the two middle values when their number is even. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2;
}

/** Of the population: divides by n. */
function stdOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** Of the least-squares line, in units a sample; 0 for a single value. */
function slopeOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  const middle = (values.length - 1) / 2;
  const covariance = meanOf(values.map((value, index) => (index - middle) * (value - mean)));
  return covariance / ((values.length ** 2 - 1) / 12);
}

/** By the names that policy files use. */
export const statistics = {
  mean: meanOf,
  std: stdOf,
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  range: (values: readonly number[]) => Math.max(...values) - Math.min(...values),
  median: medianOf,
  rms: (values: readonly number[]) => Math.sqrt(meanOf(values.map((value) => value ** 2))),
  slope: slopeOf,
} as const;

export type StatisticName = keyof typeof statistics;
export const statisticNames = Object.keys(statistics) as StatisticName[];

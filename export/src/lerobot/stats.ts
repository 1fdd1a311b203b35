/** What a feature's values look like: of one episode, and of all of them. */

/** The quantiles that a dataset states: so many percent of the values lie below. */
const quantileNames = ["q01", "q10", "q50", "q90", "q99"] as const;
const shareOf = (name: (typeof quantileNames)[number]) => Number(name.slice(1)) / 100;

/** All statistics that have one number a dimension, in the order in which they are written. */
export const statistics = ["min", "max", "mean", "std", ...quantileNames] as const;
export type Statistic = (typeof statistics)[number];

/** One number a dimension, and over how many frames. The standard deviation is the population's, as numpy's. */
export type FeatureStats = Readonly<Record<Statistic, readonly number[]>> & { readonly count: number };

/** The distribution of one dimension. */
export type DimensionStats = Readonly<Record<Statistic, number>>;

/** Exact statistics of an episode's columns, one a dimension. */
export function statsOf(columns: readonly ArrayLike<number>[]): FeatureStats {
  return combine(columns.map(statsOfColumn), columns[0]?.length ?? 0);
}

/** Puts dimensions side by side. */
export function combine(dimensions: readonly DimensionStats[], count: number): FeatureStats {
  const of = (statistic: Statistic) => dimensions.map((dimension) => dimension[statistic]);
  return { ...byName(statistics, of), count };
}

function statsOfColumn(column: ArrayLike<number>): DimensionStats {
  const sorted = Float64Array.from(column).sort();
  const mean = sum(sorted) / sorted.length;
  const variance = sum(sorted.map((value) => (value - mean) ** 2)) / sorted.length;
  const at = (rank: number) => sorted[rank] ?? Number.NaN;
  return { ...orderStats(sorted.length, at), mean, std: Math.sqrt(variance) };
}

/**
 * Minimum, maximum and quantiles of sorted values; between two ranks linear, as numpy does. A single frame's quantiles are
 * its value.
 *
 * @param at the value of a rank from 0
 */
export function orderStats(length: number, at: (rank: number) => number): Omit<DimensionStats, "mean" | "std"> {
  const quantile = (q: number) => {
    const position = (length - 1) * q;
    const [below, above] = [at(Math.floor(position)), at(Math.ceil(position))];
    return below + (above - below) * (position - Math.floor(position));
  };
  return { min: at(0), max: at(length - 1), ...byName(quantileNames, (name) => quantile(shareOf(name))) };
}

/**
 * Statistics of all episodes from those of each, in flat memory, as LeRobot itself merges them: minimum and maximum of all;
 * mean and standard deviation exactly those of all frames (each episode's variance and the distance of its mean from the
 * common one, weighted by its frames); a quantile is the mean of the episodes' quantiles weighted by their frames. That last
 * one is not the quantile of all frames, and lies inside of it: a dataset must say the same whether LeRobot wrote it or we did.
 */
export class Aggregate {
  #total: FeatureStats | undefined;

  add(stats: FeatureStats): void {
    this.#total = this.#total === undefined ? stats : merge(this.#total, stats);
  }

  /** @throws before the first `add` */
  result(): FeatureStats {
    if (this.#total === undefined) throw new Error("there are no statistics without an episode");
    return this.#total;
  }
}

function merge(a: FeatureStats, b: FeatureStats): FeatureStats {
  const count = a.count + b.count;
  const share = b.count / count;
  const pairs = (statistic: Statistic, join: (left: number, right: number) => number) =>
    a[statistic].map((left, dimension) => join(left, b[statistic][dimension] ?? Number.NaN));
  const weighted = (left: number, right: number) => left + (right - left) * share;

  const distance = pairs("mean", (left, right) => right - left);
  const variance = pairs("std", (left, right) => weighted(left ** 2, right ** 2));
  const std = variance.map((within, dimension) =>
    Math.sqrt(within + (distance[dimension] ?? Number.NaN) ** 2 * share * (1 - share)),
  );
  return {
    ...byName(statistics, (statistic) => pairs(statistic, weighted)),
    min: pairs("min", Math.min),
    max: pairs("max", Math.max),
    std,
    count,
  };
}

/** Has one value a name, in the order of the names. */
export function byName<Name extends string, T>(names: readonly Name[], of: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>;
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Aggregate, type FeatureStats, statsOf } from "./stats.ts";

const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 });

/** Straight from the definitions. */
function naive(column: readonly number[]) {
  const sorted = column.toSorted((a, b) => a - b);
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const std = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
  return { mean, std, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

function aggregated(episodes: readonly (readonly number[])[]): FeatureStats {
  const aggregate = new Aggregate();
  for (const episode of episodes) aggregate.add(statsOf([episode]));
  return aggregate.result();
}

test("known figures: numpy's of 0, 1, … 10", () => {
  const stats = statsOf([Array.from({ length: 11 }, (_, index) => 10 - index)]);
  expect(stats).toEqual({
    min: [0],
    max: [10],
    mean: [5],
    std: [Math.sqrt(10)],
    q01: [0.1],
    q10: [1],
    q50: [5],
    q90: [9],
    q99: [9.9],
    count: 11,
  });
});

test("a single frame is its own minimum, mean and quantiles", () => {
  const stats = statsOf([[3.5], [-1]]);
  expect(stats).toMatchObject({ mean: [3.5, -1], std: [0, 0], q01: [3.5, -1], q99: [3.5, -1], count: 1 });
});

test("each dimension has its own, as computed from the definitions", () => {
  fc.assert(
    fc.property(values, (column) => {
      const expected = naive(column);
      const stats = statsOf([column, column.map((value) => value + 1)]);
      expect(stats.mean[0]).toBeCloseTo(expected.mean, 8);
      expect(stats.mean[1]).toBeCloseTo(expected.mean + 1, 8);
      expect(stats.std[0]).toBeCloseTo(expected.std, 8);
      expect([stats.min[0], stats.max[0]]).toEqual([expected.min, expected.max]);
    }),
  );
});

test("quantiles rise, and lie on both sides of as many values as they say", () => {
  fc.assert(
    fc.property(values, (column) => {
      const { min, q01, q10, q50, q90, q99, max } = statsOf([column]);
      const rising = [min, q01, q10, q50, q90, q99, max].map(([value]) => value ?? Number.NaN);
      expect(rising).toEqual(rising.toSorted((a, b) => a - b));
      const median = rising[3] ?? Number.NaN;
      expect(column.filter((value) => value <= median).length * 2).toBeGreaterThanOrEqual(column.length);
      expect(column.filter((value) => value >= median).length * 2).toBeGreaterThanOrEqual(column.length);
    }),
  );
});

describe("of all episodes", () => {
  test("minimum, maximum, mean and deviation are those of all frames together", () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 8 }), (episodes) => {
        const expected = naive(episodes.flat());
        const total = aggregated(episodes);
        expect(total.count).toBe(episodes.flat().length);
        expect([total.min[0], total.max[0]]).toEqual([expected.min, expected.max]);
        expect(total.mean[0]).toBeCloseTo(expected.mean, 7);
        expect(total.std[0]).toBeCloseTo(expected.std, 7);
      }),
    );
  });

  test("a quantile is the episodes' mean, weighted by their frames", () => {
    expect(aggregated([[1], [5, 5, 5]]).q10[0]).toBeCloseTo(4, 12);
    expect(aggregated([[0, 10], [4]]).q50[0]).toBeCloseTo((5 * 2 + 4) / 3, 12);
  });

  test("there are none without an episode", () => {
    expect(() => new Aggregate().result()).toThrow("without an episode");
  });
});

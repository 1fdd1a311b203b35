import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

const pausesOf = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

it("doubles up to the longest pause", () => {
  const backoff = new Backoff({ firstMs: 100, longestMs: 1_000 });
  expect(pausesOf(backoff, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

it("grows by another factor where one is given", () => {
  expect(pausesOf(new Backoff({ firstMs: 100, longestMs: 1_000, factor: 3 }), 4)).toEqual([100, 300, 900, 1_000]);
  expect(pausesOf(new Backoff({ firstMs: 100, longestMs: 1_000, factor: 1 }), 3)).toEqual([100, 100, 100]);
});

it("leaves a share of each pause to chance", () => {
  const chances = [0, 0.5, 1];
  const backoff = new Backoff({ firstMs: 100, longestMs: 100, jitter: 0.5 }, () => chances.shift() ?? 0);
  expect(pausesOf(backoff, 3)).toEqual([50, 75, 100]);
});

it("begins anew after a reset", () => {
  const backoff = new Backoff({ firstMs: 100, longestMs: 1_000 });
  pausesOf(backoff, 3);
  backoff.reset();
  expect(pausesOf(backoff, 2)).toEqual([100, 200]);
});

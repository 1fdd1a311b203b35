import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, runStep } from "../testing/run-stage.ts";
import { window } from "./window.ts";

const of = (size: number, stride: number) => window({ step: "window", size, stride }, channels("x"));
const samples = (count: number) => Array.from({ length: count }, (_, index) => [index]);

test("holds the samples in their order, names its oldest packet and its newest time", () => {
  expect(runStep(of(3, 2), samples(5))).toEqual([
    { rows: [[0], [1], [2]], ts: 200, firstSeq: 1 },
    { rows: [[2], [3], [4]], ts: 400, firstSeq: 3 },
  ]);
});

test("n samples make floor((n − size) / stride) + 1 windows, each `stride` after the one before", () => {
  const count = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), count, count, (n, size, stride) => {
      const windows = runStep(of(size, stride), samples(n));
      expect(windows.length).toBe(n < size ? 0 : Math.floor((n - size) / stride) + 1);
      expect(windows.map(({ rows }) => rows[0]?.[0])).toEqual(windows.map((_, index) => index * stride));
      expect(windows.every(({ rows }) => rows.length === size)).toBe(true);
    }),
  );
});

test("there is one window at most", () => {
  expect(() => window({ step: "window", size: 2 }, of(3, 1).output)).toThrow("must not follow another window");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channels, runStep } from "../testing/run-stage.ts";
import { statisticNames } from "./statistics.ts";
import { firstStage } from "./step.ts";
import { summary, window } from "./window.ts";

describe("window", () => {
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
});

describe("summary", () => {
  const samples = [
    [2, 1],
    [-1, 1],
    [7.5, 1],
    [3, 1],
    [0.25, 1],
  ];
  const shape = { rows: samples.length, names: ["fx", "fy"] };

  test("goes channel by channel, and agrees with NumPy", () => {
    const stage = firstStage(summary({ step: "summary", statistics: statisticNames }, shape));
    const { output } = stage.push({ rows: samples, ts: 0, firstSeq: 1 });
    const named = stage.output.names.map((name, index) => [name, output?.rows[0]?.[index] ?? Number.NaN] as const);
    // numpy: x.mean(), x.std(), x.min(), x.max(), np.ptp(x), np.median(x), np.sqrt((x**2).mean()), np.polyfit(range(5), x, 1)[0]
    const expected = {
      "fx.mean": 2.35,
      "fx.std": 2.922327839240492,
      "fx.min": -1,
      "fx.max": 7.5,
      "fx.range": 8.5,
      "fx.median": 2,
      "fx.rms": 3.75,
      "fx.slope": 0.05,
      "fy.mean": 1,
      "fy.std": 0,
      "fy.min": 1,
      "fy.max": 1,
      "fy.range": 0,
      "fy.median": 1,
      "fy.rms": 1,
      "fy.slope": 0,
    };
    expect(named.map(([name]) => name)).toEqual(Object.keys(expected));
    for (const [name, value] of named) expect(value, name).toBeCloseTo(Reflect.get(expected, name), 6);
  });

  test("needs a window", () => {
    expect(() => summary({ step: "summary", statistics: ["mean"] }, { rows: 1, names: ["x"] })).toThrow(
      "needs a window before it",
    );
  });
});

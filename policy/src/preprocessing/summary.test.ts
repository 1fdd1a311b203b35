import { expect, test } from "vitest";
import { statisticNames } from "./statistics.ts";
import { firstStage } from "./step.ts";
import { summary } from "./summary.ts";

const samples = [
  [2, 1],
  [-1, 1],
  [7.5, 1],
  [3, 1],
  [0.25, 1],
];
const window = { rows: samples.length, names: ["fx", "fy"] };

test("goes channel by channel, and agrees with NumPy", () => {
  const stage = firstStage(summary({ step: "summary", statistics: statisticNames }, window));
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

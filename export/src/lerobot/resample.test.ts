import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pick, resample, timelineOf, timeOf } from "./resample.ts";

const timeline = { firstMs: 1_000, frames: 4, fps: 10 };
const series = { times: [990, 1_140, 1_160, 1_400], values: [[0], [10], [20], [50]] };
const column = (method: "nearest" | "hold" | "linear") => [...(resample(series, 1, timeline, method)[0] ?? [])];

test("hold takes the newest reading, nearest the closest, linear what lies between", () => {
  expect(column("hold")).toEqual([0, 0, 20, 20]);
  expect(column("nearest")).toEqual([0, 10, 20, 50]);
  expect(column("linear").map((value) => Math.round(value * 1_000) / 1_000)).toEqual([0.667, 7.333, 25, 37.5]);
});

describe("a timeline", () => {
  test("begins when all is known, and ends before anything has to be guessed", () => {
    const bounds = [
      { times: [0, 5_000], holds: false },
      { times: [1_000, 2_500], holds: false },
      { times: [400, 600], holds: true },
    ];
    expect(timelineOf(bounds, 9_000, 2)).toEqual({ firstMs: 1_000, frames: 4, fps: 2 });
  });

  test("of fields that hold goes on to the episode's end", () => {
    expect(timelineOf([{ times: [500], holds: true }], 2_500, 1)).toEqual({ firstMs: 500, frames: 3, fps: 1 });
  });

  test("is none where a field has no reading, or begins after another has ended", () => {
    expect(timelineOf([{ times: [], holds: true }], 9_000, 2)).toBeUndefined();
    const apart = [
      { times: [0, 1], holds: false },
      { times: [5, 6], holds: false },
    ];
    expect(timelineOf(apart, 9_000, 2)).toBeUndefined();
  });

  test("of one moment has one frame", () => {
    expect(timelineOf([{ times: [7], holds: false }], 7, 30)).toEqual({ firstMs: 7, frames: 1, fps: 30 });
  });
});

describe("against a search through all readings", () => {
  const readings = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: -100, max: 100 })), { minLength: 1 })
    .map((pairs) => pairs.toSorted(([a], [b]) => a - b))
    .map((pairs) => ({ times: pairs.map(([time]) => time), values: pairs.map(([, value]) => [value]) }));
  const frames = fc.record({ frames: fc.integer({ min: 1, max: 40 }), fps: fc.constantFrom(1, 3, 10, 30) });

  test.each(["hold", "nearest"] as const)("%s", (method) => {
    fc.assert(
      fc.property(readings, frames, ({ times }, { frames, fps }) => {
        const timeline = { firstMs: times[0] ?? 0, frames, fps };
        const picked = pick(times, timeline, method);
        for (let frame = 0; frame < frames; frame++) {
          const time = timeOf(timeline, frame);
          const distance = (index: number) => Math.abs((times[index] ?? Number.NaN) - time);
          const known = times.findLastIndex((at) => at <= time + 0.001);
          const best = method === "hold" ? distance(known) : Math.min(...times.map((_, index) => distance(index)));
          expect(distance(picked[frame] ?? -1)).toBe(best);
        }
      }),
    );
  });

  test("linear stays within the readings, and meets every reading", () => {
    fc.assert(
      fc.property(readings, ({ times, values }) => {
        const firstMs = times[0] ?? 0;
        const [at] = resample(
          { times, values },
          1,
          { firstMs, frames: (times.at(-1) ?? 0) - firstMs + 1, fps: 1_000 },
          "linear",
        );
        times.forEach((time, index) => {
          if (times[index + 1] === time) return;
          expect(at?.[time - firstMs]).toBe(values[index]?.[0]);
        });
        expect(Math.min(...(at ?? []))).toBeGreaterThanOrEqual(Math.min(...values.flat()));
        expect(Math.max(...(at ?? []))).toBeLessThanOrEqual(Math.max(...values.flat()));
      }),
    );
  });
});

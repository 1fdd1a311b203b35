import fc from "fast-check";
import { expect, test } from "vitest";
import { PixelCounter } from "./pixels.ts";
import { statistics, statsOf } from "./stats.ts";

function ppm(width: number, height: number, pixels: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}

test("wherever the bytes are cut, each channel has the statistics of its values", () => {
  const pictures = fc.array(fc.uint8Array({ minLength: 18, maxLength: 18 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(pictures, fc.integer({ min: 1, max: 50 }), (frames, cut) => {
      const bytes = Buffer.concat(frames.map((pixels) => ppm(3, 2, pixels)));
      const counter = new PixelCounter();
      for (let at = 0; at < bytes.length; at += cut) counter.take(bytes.subarray(at, at + cut));

      const all = frames.flatMap((pixels) => [...pixels]);
      const channels = [0, 1, 2].map((channel) =>
        all.filter((_, index) => index % 3 === channel).map((value) => value / 255),
      );
      const [stats, expected] = [counter.stats(), statsOf(channels)];
      expect(stats.count).toBe(frames.length);
      expect(counter.size()).toEqual({ width: 3, height: 2 });
      for (const name of statistics) {
        for (const channel of [0, 1, 2])
          expect(stats[name][channel]).toBeCloseTo(expected[name][channel] ?? Number.NaN, 12);
      }
    }),
  );
});

test("pictures that change their size are refused, and what is no picture too", () => {
  const counter = new PixelCounter();
  counter.take(ppm(2, 1, new Uint8Array(6)));
  expect(() => counter.take(ppm(1, 1, new Uint8Array(3)))).toThrow("of one size; got 2x1, then 1x1");
  expect(() => new PixelCounter().take(Buffer.alloc(50, "x"))).toThrow("expected pictures as PPM");
});

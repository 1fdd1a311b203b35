import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeByTime, type Row } from "./rows.ts";

async function* inBatches(times: readonly number[], type: string, size: number): AsyncGenerator<readonly Row[]> {
  for (let at = 0; at <= times.length; at += size) {
    yield times
      .slice(at, at + size)
      .map((atMs) => ({ source: "telemetry", type, robotType: "EP01", atMs, value: undefined }));
  }
}

test("every row once, in the order of time, the earlier source first", async () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 })).map((all) => all.toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(fc.array(times, { maxLength: 4 }), fc.integer({ min: 1, max: 5 }), async (sources, size) => {
      const merged: Row[] = [];
      const streams = sources.map((all, index) => inBatches(all, String(index), size));
      for await (const row of mergeByTime(streams)) merged.push(row);
      const expected = sources
        .flatMap((all, index) => all.map((atMs) => ({ atMs, type: String(index) })))
        .toSorted((a, b) => a.atMs - b.atMs || Number(a.type) - Number(b.type));
      expect(merged.map(({ atMs, type }) => ({ atMs, type }))).toEqual(expected);
    }),
  );
});

test("who stops early closes every source", async () => {
  let closed = 0;
  async function* endless(): AsyncGenerator<readonly Row[]> {
    try {
      for (let atMs = 0; ; atMs++) yield [{ source: "telemetry", type: "imu", robotType: "EP01", atMs, value: 1 }];
    } finally {
      closed += 1;
    }
  }
  for await (const { atMs } of mergeByTime([endless(), endless()])) if (atMs === 3) break;
  expect(closed).toBe(2);
});

import { expect, test } from "vitest";
import { decodeRow } from "./decode.ts";

const ranges = { field: "ranges", channels: 2 };

test.each([
  ["a field", ranges, { ranges: [1, 2] }, [1, 2]],
  ["the val itself", { channels: 2 }, [1, 2], [1, 2]],
  ["a single number", { channels: 1 }, 87, [87]],
  ["a single number in a field", { field: "level", channels: 1 }, { level: 0 }, [0]],
])("takes the numbers from %s", (_, source, val, value) => {
  expect(decodeRow(source, val)).toEqual({ ok: true, value });
});

test.each([
  ["too few", { ranges: [1] }, "val.ranges must hold 2 numbers; got 1"],
  ["too many", { ranges: [1, 2, 3] }, "val.ranges must hold 2 numbers; got 3"],
  ["a text", { ranges: [1, "2"] }, 'val.ranges must hold finite float32 numbers; got "2" at 2'],
  ["NaN", { ranges: [Number.NaN, 2] }, "val.ranges must hold finite float32 numbers; got NaN at 1"],
  [
    "a number too large for a model",
    { ranges: [1, 1e39] },
    "val.ranges must hold finite float32 numbers; got 1e+39 at 2",
  ],
  ["a hole in a scan", { ranges: [null, 2] }, "val.ranges must hold finite float32 numbers; got null at 1"],
  ["no such field", { range: [1, 2] }, "val.ranges must be an array of 2 numbers; got nothing"],
  ["no object", null, "val.ranges must be an array of 2 numbers; got nothing"],
  ["an inherited field", Object.create({ ranges: [1, 2] }), "val.ranges must be an array of 2 numbers; got nothing"],
])("says what is wrong with %s", (_, val, problem) => {
  expect(decodeRow(ranges, val)).toEqual({ ok: false, problem });
});

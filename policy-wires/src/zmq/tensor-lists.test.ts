import type { Tensor } from "@physical-ai/policy";
import { expect, it } from "vitest";
import { toLists } from "./tensor-lists.ts";

it.each<[string, Tensor, unknown]>([
  ["a scalar", { dtype: "float64", shape: [], data: Float64Array.of(0.1) }, 0.1],
  [
    "rows",
    { dtype: "int8", shape: [2, 2], data: Int8Array.of(1, 2, 3, -4) },
    [
      [1, 2],
      [3, -4],
    ],
  ],
  ["no rows", { dtype: "int8", shape: [0, 2], data: new Int8Array(0) }, []],
  ["empty rows", { dtype: "int8", shape: [2, 0], data: new Int8Array(0) }, [[], []]],
  ["truth", { dtype: "bool", shape: [2], data: Uint8Array.of(0, 1) }, [false, true]],
  ["long integers", { dtype: "uint64", shape: [1], data: BigUint64Array.of(2n ** 53n - 1n) }, [2 ** 53 - 1]],
  [
    "half floats: zero, the least, the first that is normal, one, the greatest",
    { dtype: "float16", shape: [6], data: Uint16Array.of(0x8000, 0x0001, 0x0400, 0x3c00, 0xc000, 0x7bff) },
    [-0, 2 ** -24, 2 ** -14, 1, -2, 65504],
  ],
])("%s", (_, tensor, lists) => {
  expect(toLists(tensor)).toEqual(lists);
});

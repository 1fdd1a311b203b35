import { expect, it } from "vitest";
import { dtypes, type Tensor, toFloat32 } from "./tensor.ts";

const shape = [2];
const tensors: readonly (readonly [Tensor, readonly number[]])[] = [
  [{ dtype: "bool", shape, data: Uint8Array.of(0, 1) }, [0, 1]],
  [{ dtype: "int8", shape, data: Int8Array.of(-128, 127) }, [-128, 127]],
  [{ dtype: "int16", shape, data: Int16Array.of(-32_768, 32_767) }, [-32_768, 32_767]],
  [{ dtype: "int32", shape, data: Int32Array.of(-(2 ** 31), 3) }, [-(2 ** 31), 3]],
  [{ dtype: "int64", shape, data: BigInt64Array.of(-(2n ** 63n), 3n) }, [-(2 ** 63), 3]],
  [{ dtype: "uint8", shape, data: Uint8Array.of(0, 255) }, [0, 255]],
  [{ dtype: "uint16", shape, data: Uint16Array.of(0, 65_535) }, [0, 65_535]],
  [{ dtype: "uint32", shape, data: Uint32Array.of(0, 2 ** 31) }, [0, 2 ** 31]],
  [{ dtype: "uint64", shape, data: BigUint64Array.of(0n, 2n ** 63n) }, [0, 2 ** 63]],
  [{ dtype: "float16", shape, data: Uint16Array.of(0x3800, 0xc000) }, [0.5, -2]],
  [{ dtype: "float32", shape, data: Float32Array.of(0.5, Number.NaN) }, [0.5, Number.NaN]],
  [{ dtype: "float64", shape, data: Float64Array.of(0.1, 1e300) }, [Math.fround(0.1), Number.POSITIVE_INFINITY]],
];

it.each(tensors)("reads the numbers of $dtype", (tensor, numbers) => {
  expect(toFloat32(tensor)).toEqual(Float32Array.from(numbers));
});

it("reads every dtype", () => {
  expect(tensors.map(([{ dtype }]) => dtype)).toEqual(dtypes);
});

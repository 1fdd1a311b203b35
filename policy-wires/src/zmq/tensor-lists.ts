/** Tensors as nested lists of numbers, for servers and clients that know JSON only. */
import { elementsOf, type Tensor, toFloat32 } from "@physical-ai/policy";

/**
 * As NumPy's `tolist`.
 *
 * @throws RangeError for what JSON cannot say: NaN, infinities, integers beyond 2^53
 */
export function toLists(tensor: Tensor): unknown {
  return nest(scalarsOf(tensor), tensor.shape);
}

function nest(scalars: readonly unknown[], [size, ...inner]: readonly number[]): unknown {
  if (size === undefined) return scalars[0];
  if (inner.length === 0) return scalars;
  const stride = elementsOf(inner);
  return Array.from({ length: size }, (_, index) => nest(scalars.slice(index * stride, (index + 1) * stride), inner));
}

function scalarsOf(tensor: Tensor): readonly unknown[] {
  switch (tensor.dtype) {
    case "bool":
      return Array.from(tensor.data, (value) => value !== 0);
    case "int64":
    case "uint64":
      return Array.from(tensor.data, safe);
    case "float16":
      return Array.from(toFloat32(tensor), finite);
    case "float32":
    case "float64":
      return Array.from(tensor.data, finite);
    default:
      return Array.from(tensor.data);
  }
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`JSON has no ${value}; send the tensor as bytes`);
}

function safe(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(`${value} is not exact in JSON; send the tensor as bytes`);
}

/** Arrays of numbers with a shape, as NumPy has them. */
import { Float16Array } from "@petamoriken/float16";

/** The typed array behind each NumPy dtype. */
export interface TypedArrays {
  /** 0 or 1. */
  bool: Uint8Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  /** The bits: Node has no array of half floats before version 24. */
  float16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
}

export type Dtype = keyof TypedArrays;

/** `data` holds the elements in C order, the last index moving fastest. */
export type Tensor<D extends Dtype = Dtype> = {
  readonly [K in D]: { readonly dtype: K; readonly shape: readonly number[]; readonly data: TypedArrays[K] };
}[D];

interface ArrayOf<A> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

const arrays: { readonly [D in Dtype]: ArrayOf<TypedArrays[D]> } = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** All of them. */
export const dtypes = Object.keys(arrays) as Dtype[];

/**
 * Looks at little-endian bytes as at a tensor; copies them only where they do not lie as typed arrays need it.
 *
 * @throws RangeError when there are not as many bytes as the shape says
 */
export function tensorOver<D extends Dtype>(dtype: D, shape: readonly number[], bytes: Uint8Array): Tensor<D> {
  const array = arrays[dtype];
  requireBytes(dtype, shape, bytes.byteLength);
  const { buffer, byteOffset } = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return { dtype, shape, data: new array(buffer, byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT) };
}

/** The tensor's own memory. Nobody may write to it before it is sent. */
export function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** The elements as numbers, rounded to what a float32 holds; the tensor's own memory where it holds that already. */
export function toFloat32(tensor: Tensor): Float32Array {
  switch (tensor.dtype) {
    case "float32":
      return tensor.data;
    case "float16":
      return Float32Array.from(new Float16Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length));
    case "bool":
      return Float32Array.from(tensor.data, (value) => Number(value !== 0));
    case "int64":
    case "uint64":
      return Float32Array.from(tensor.data, Number);
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint16":
    case "uint32":
    case "float64":
      return Float32Array.from(tensor.data);
  }
}

/** Something with a typed array as `data`: it is a tensor or a mistake. */
interface TensorLike {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data: ArrayBufferView;
}

export function isTensorLike(value: object): value is TensorLike {
  return "data" in value && ArrayBuffer.isView(value.data);
}

/** Whether something in a decoded message is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== "object" || value === null || !isTensorLike(value)) return false;
  const { dtype, shape, data } = value;
  return isDtype(dtype) && isShape(shape) && data instanceof arrays[dtype];
}

/**
 * Checks what a caller wants to send.
 *
 * @throws TypeError, RangeError
 */
export function requireTensor({ dtype, shape, data }: TensorLike): Tensor {
  if (!isDtype(dtype)) throw new TypeError(`dtype must be one of ${dtypes.join(", ")}; got ${String(dtype)}`);
  return checked(dtype, shape, data);
}

function checked<D extends Dtype>(dtype: D, shape: unknown, data: ArrayBufferView): Tensor<D> {
  const array = arrays[dtype];
  if (!(data instanceof array)) throw new TypeError(`${dtype} takes a ${array.name}; got a ${data.constructor.name}`);
  if (!isShape(shape)) throw new TypeError(`shape must be a list of whole numbers; got ${JSON.stringify(shape)}`);
  requireBytes(dtype, shape, data.byteLength);
  return { dtype, shape, data };
}

function requireBytes(dtype: Dtype, shape: readonly number[], bytes: number): void {
  const expected = elementsOf(shape) * arrays[dtype].BYTES_PER_ELEMENT;
  if (bytes === expected) return;
  throw new RangeError(`${dtype} [${shape.join(", ")}] has ${expected} bytes; got ${bytes}`);
}

/** How many there are in a tensor of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(arrays, name);
}

/**
 * A message as the frames that cross the wire.
 *
 * One frame of JSON; or a header of JSON, in which `tensors` names what was taken out of `data` or `result`, and a frame
 * of raw bytes for each of them, in that order.
 */

import { bytesOf, dtypes, isTensorLike, requireTensor, type Tensor, tensorOver } from "@physical-ai/policy";
import { messageOf } from "@physical-ai/service/errors";
import type { Validate } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { ZmqProtocolError } from "./errors.ts";
import { parsePointer, pointerTo, putAt } from "./pointer.ts";
import { toLists } from "./tensor-lists.ts";

/** `json`: tensors as nested lists, for those who know nothing else. `multipart`: tensors as frames of their own. */
export type Form = "json" | "multipart";

/** The part of a message that can hold tensors. */
export type Body = "data" | "result";

/** Parsing takes many times the memory of its text; images belong into tensors. */
const maxJsonBytes = 16 * 1024 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a header says of a tensor. */
export const TensorDescription = Type.Object({
  /** A JSON Pointer (RFC 6901) into the body. */
  name: Type.String({ maxLength: 1_000 }),
  dtype: Type.Enum(dtypes),
  shape: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 32 }),
});
export type TensorDescription = Type.Static<typeof TensorDescription>;

/**
 * Takes the tensors out of a message's body.
 *
 * @throws TypeError, RangeError for a tensor that is none, or one that the form cannot carry
 */
export function encodeFrames<B extends Body, M extends { readonly [K in B]: unknown }>(
  message: M,
  body: B,
  form: Form,
): Buffer[] {
  const tensors: TensorDescription[] = [];
  const frames: Buffer[] = [];
  const outline = mapTensors(message[body], "", (tensor, name) => {
    if (form === "json") return toLists(tensor);
    tensors.push({ name, dtype: tensor.dtype, shape: [...tensor.shape] });
    frames.push(bytesOf(tensor));
    return null;
  });
  const header = { ...message, [body]: outline, ...(tensors.length > 0 && { tensors }) };
  return [Buffer.from(JSON.stringify(header)), ...frames];
}

/**
 * Reads a message and puts its tensors, which are views of the frames, into their places.
 *
 * @throws ZmqProtocolError
 */
export function decodeFrames<T extends { readonly tensors?: TensorDescription[] }>(
  [header = Buffer.alloc(0), ...rest]: readonly Buffer[],
  body: Body,
  validate: Validate<T>,
): T {
  try {
    const message = readHeader(header, validate);
    const { tensors = [] } = message;
    if (tensors.length !== rest.length) {
      throw new RangeError(`the header names ${tensors.length} tensors; ${rest.length} frames came`);
    }
    tensors.forEach(({ name, dtype, shape }, index) => {
      putAt(message, [body, ...parsePointer(name)], tensorOver(dtype, shape, rest[index] ?? Buffer.alloc(0)));
    });
    return message;
  } catch (error) {
    throw new ZmqProtocolError(messageOf(error), requestIdIn(header));
  }
}

function readHeader<T>(header: Buffer, validate: Validate<T>): T {
  if (header.byteLength > maxJsonBytes) {
    throw new RangeError(`expected at most ${maxJsonBytes} bytes of JSON; got ${header.byteLength}`);
  }
  const validation = validate(JSON.parse(utf8.decode(header)));
  if (!validation.ok) throw new TypeError(validation.problem);
  return validation.value;
}

/** Copies what lies around tensors, and puts something else in their place. */
function mapTensors(value: unknown, at: string, replace: (tensor: Tensor, name: string) => unknown): unknown {
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  if (isTensorLike(value)) return replace(requireTensor(value), at);
  if (ArrayBuffer.isView(value)) {
    throw new TypeError(`expected {dtype, shape, data} at ${at}; got a bare ${value.constructor.name}`);
  }
  const inner = (item: unknown, key: string | number) =>
    typeof item === "object" ? mapTensors(item, pointerTo(at, key), replace) : item;
  if (Array.isArray(value)) return value.map(inner);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)]));
}

/** Read from the text, since it may be no JSON: whoever asked is told at once and need not wait. */
function requestIdIn(header: Buffer): string | undefined {
  const text = header.toString();
  const [, id] = /^"request_id"\s*:\s*"([^"\\]{1,200})"/.exec(text.slice(text.lastIndexOf('"request_id"'))) ?? [];
  return id;
}

import { isTensor, type Tensor } from "@physical-ai/policy";
import { describe, expect, it } from "vitest";
import { ZmqProtocolError } from "./errors.ts";
import { decodeRequest, encodeRequest } from "./messages.ts";

const requestWith = (data: Record<string, unknown>) => ({ type: "inference", data, requestId: "1" });
const numbers: Tensor<"float32"> = { dtype: "float32", shape: [2], data: Float32Array.of(0.5, -1) };

describe("memory", () => {
  it("is sent as it lies", () => {
    const memory = new Float32Array(10);
    const [, frame] = encodeRequest(
      requestWith({ x: { dtype: "float32", shape: [2], data: memory.subarray(3, 5) } }),
      "multipart",
    );
    expect(frame).toHaveLength(8);
    expect(frame?.buffer).toBe(memory.buffer);
  });

  it("is received as it lies", () => {
    const [header = Buffer.alloc(0), frame = Buffer.alloc(0)] = encodeRequest(requestWith({ x: numbers }), "multipart");
    const { x } = decodeRequest([header, frame]).data;
    expect(isTensor(x) && x.data.buffer).toBe(frame.buffer);
  });

  it("is copied where a typed array could not lie over it", () => {
    const [header = Buffer.alloc(0), frame = Buffer.alloc(0)] = encodeRequest(requestWith({ x: numbers }), "multipart");
    const shifted = Buffer.concat([Buffer.alloc(1), frame]).subarray(1);
    expect(decodeRequest([header, shifted]).data).toEqual({ x: numbers });
  });
});

describe("what cannot be sent", () => {
  it.each<[string, unknown, string]>([
    ["a bare typed array", new Uint8Array(1), "expected {dtype, shape, data} at /a~1b/0; got a bare Uint8Array"],
    ["a dtype that nobody knows", { dtype: "complex64", shape: [1], data: new Float32Array(2) }, "got complex64"],
    ["another array than its dtype's", { ...numbers, data: new Uint8Array(8) }, "float32 takes a Float32Array"],
    ["a shape that is none", { ...numbers, shape: [-2] }, "shape must be a list of whole numbers; got [-2]"],
    ["a shape that lies", { ...numbers, shape: [3] }, "float32 [3] has 12 bytes; got 8"],
  ])("%s", (_, value, problem) => {
    expect(() => encodeRequest(requestWith({ "a/b": [value] }), "multipart")).toThrow(problem);
  });

  it("a tensor that JSON has no words for", () => {
    const sending = (tensor: Tensor) => () => encodeRequest(requestWith({ tensor }), "json");
    const one = { shape: [1] } as const;
    expect(sending({ ...one, dtype: "float32", data: Float32Array.of(Number.NaN) })).toThrow("JSON has no NaN");
    expect(sending({ ...one, dtype: "float16", data: Uint16Array.of(0xfc00) })).toThrow("JSON has no -Infinity");
    expect(sending({ ...one, dtype: "int64", data: BigInt64Array.of(2n ** 53n) })).toThrow("is not exact in JSON");
  });
});

it("puts no key of a message into a prototype", () => {
  const header = '{"type":"x","data":{},"tensors":[{"name":"/__proto__","dtype":"uint8","shape":[0]}]}';
  const { data } = decodeRequest([Buffer.from(header), Buffer.alloc(0)]);
  expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  expect(Object.keys(data)).toEqual(["__proto__"]);
});

it("refuses more JSON than memory should be spent on", () => {
  expect(() => decodeRequest([Buffer.alloc(16 * 2 ** 20 + 1, " ")])).toThrow(ZmqProtocolError);
});

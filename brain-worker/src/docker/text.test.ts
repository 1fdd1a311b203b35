import { expect, it } from "vitest";
import { createLineSplitter } from "./text.ts";

it("puts lines and characters together again, byte by byte", () => {
  const splitter = createLineSplitter();
  const lines = [...Buffer.from("grün 🤖\n\nlast")].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
  expect(lines).toEqual(["grün 🤖", ""]);
  expect(splitter.end()).toEqual(["last"]);
  expect(splitter.end()).toEqual([]);
});

it("goes on after what is no UTF-8", () => {
  const splitter = createLineSplitter();
  expect(splitter.push(Uint8Array.of(0xff, 0x0a))).toEqual(["\ufffd"]);
  expect(splitter.push(Uint8Array.of(0xc3))).toEqual([]);
  expect(splitter.end()).toEqual(["\ufffd"]);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { createLineSplitter } from "./lines.ts";

function linesOf(chunks: readonly (Uint8Array | string)[]): string[] {
  const splitter = createLineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

it("yields each line, and the last without a line feed", () => {
  expect(linesOf(["a\nb\n\nc"])).toEqual(["a", "b", "", "c"]);
  expect(linesOf(["a\n"])).toEqual(["a"]);
  expect(linesOf([])).toEqual([]);
});

it("does not mind where the text is cut", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n") });
  fc.assert(
    fc.property(fc.array(text), (chunks) => {
      expect(linesOf(chunks)).toEqual(linesOf([chunks.join("")]));
    }),
  );
});

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

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demultiplex, LineSplitter } from "./output.ts";

describe("the outputs of a command", () => {
  it("tells the streams apart, wherever the bytes are cut", async () => {
    const frame = fc.record({ stream: fc.constantFrom("stdout" as const, "stderr" as const), text: fc.string() });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(frame), cuts, async (frames, sizes) => {
        const said = { stdout: "", stderr: "" };
        const decoders = { stdout: new TextDecoder("utf8"), stderr: new TextDecoder("utf8") };
        const bytes = Buffer.concat(frames.map(({ stream, text }) => encode(stream === "stdout" ? 1 : 2, text)));
        for await (const { stream, bytes: piece } of demultiplex(cut(bytes, sizes))) {
          said[stream] += decoders[stream].decode(piece, { stream: true });
        }
        const expected = (name: string) => frames.map(({ stream, text }) => (stream === name ? text : "")).join("");
        expect(said).toEqual({ stdout: expected("stdout"), stderr: expected("stderr") });
      }),
    );
  });

  it("hands on a long frame as it comes, not at its end", async () => {
    const long = encode(1, "x".repeat(1_000));
    let sent = 0;
    async function* source() {
      for (const piece of [long.subarray(0, 100), long.subarray(100)]) {
        sent++;
        yield piece;
      }
    }
    const chunks = demultiplex(source());
    expect((await chunks.next()).value?.bytes).toHaveLength(92);
    expect(sent).toBe(1);
  });

  function encode(stream: number, text: string): Buffer {
    const body = Buffer.from(text);
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(body.length, 4);
    return Buffer.concat([header, body]);
  }

  async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
    for (let offset = 0, index = 0; offset < bytes.length; index++) {
      const size = sizes[index % sizes.length] ?? 1;
      yield bytes.subarray(offset, offset + size);
      offset += size;
    }
  }
});

describe("lines", () => {
  function linesOf(chunks: readonly (Uint8Array | string)[]): string[] {
    const splitter = new LineSplitter();
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
    const splitter = new LineSplitter();
    const lines = [...Buffer.from("grün 🤖\n\nlast")].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
    expect(lines).toEqual(["grün 🤖", ""]);
    expect(splitter.end()).toEqual(["last"]);
    expect(splitter.end()).toEqual([]);
  });

  it("goes on after what is no UTF-8", () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Uint8Array.of(0xff, 0x0a))).toEqual(["\ufffd"]);
    expect(splitter.push(Uint8Array.of(0xc3))).toEqual([]);
    expect(splitter.end()).toEqual(["\ufffd"]);
  });
});

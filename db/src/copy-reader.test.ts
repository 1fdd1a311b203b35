import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { CopyReader } from "./copy-reader.ts";
import { CopyWriter } from "./copy-writer.ts";

const headerLength = 19;
const trailerLength = 2;

it("reads what the writer wrote", () => {
  const writer = new CopyWriter();
  const moments = [0, Date.UTC(2026, 2, 1) + 0.123, Date.UTC(1999, 11, 31)];
  for (const [index, moment] of moments.entries()) {
    writer.row(5);
    writer.text(`ロボット ${index}`);
    writer.timestamp(moment);
    writer.bigint(index === 0 ? undefined : -(2 ** 40) - index);
    writer.real(0.5);
    writer.bigint(Number.MAX_SAFE_INTEGER);
  }
  const bytes = writer.end();
  const reader = new CopyReader(Buffer.from(bytes.subarray(headerLength, -trailerLength)));
  for (const [index, moment] of moments.entries()) {
    expect(reader.next()).toBe(true);
    expect(reader.text()).toBe(`ロボット ${index}`);
    expect(reader.epochMilliseconds()).toBe(moment);
    expect(reader.int64()).toBe(index === 0 ? undefined : -(2 ** 40) - index);
    expect(reader.real()).toBe(0.5);
    expect(reader.bigint()).toBe(BigInt(Number.MAX_SAFE_INTEGER));
  }
  expect(reader.next()).toBe(false);
});

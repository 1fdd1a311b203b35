import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CopyValue, copyLine, copyText, copyTime, createTimeWriter } from "./copy-text.ts";

const unescaped: Record<string, string> = { "\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r" };

/** What PostgreSQL reads from a line. */
function readLine(line: string): (string | undefined)[] {
  expect(line.endsWith("\n")).toBe(true);
  return line
    .slice(0, -1)
    .split("\t")
    .map((column) => (column === "\\N" ? undefined : column.replace(/\\./g, (pair) => unescaped[pair] ?? pair)));
}

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom("\\", "\t", "\n", "\r", "N", '"'), fc.string({ maxLength: 1 })),
});

describe("copyLine", () => {
  it("is read back as it was written, whatever the texts contain", () => {
    const values = fc.array(fc.oneof(anyText, fc.integer(), fc.constant(undefined)), { minLength: 1 });
    fc.assert(
      fc.property(values, (columns: CopyValue[]) => {
        expect(readLine(copyLine(columns))).toEqual(columns.map((column) => column?.toString()));
      }),
    );
  });

  it("is one line, whatever the texts contain", () => {
    fc.assert(fc.property(anyText, (text) => copyLine([text]).indexOf("\n") === copyLine([text]).length - 1));
  });

  it("tells null from the text \\N and from an empty text", () => {
    expect(copyLine([undefined, "\\N", ""])).toBe("\\N\t\\\\N\t\n");
  });
});

it("copyText leaves alone what needs no escape", () => {
  expect(copyText('{"value": "ä 🤖 \u2028"}')).toBe('{"value": "ä 🤖 \u2028"}');
});

it("copyTime writes UTC to the microsecond", () => {
  expect(copyTime(1_763_683_200_123)).toBe("2025-11-21T00:00:00.123Z");
  expect(copyTime(1_763_683_200_005)).toBe("2025-11-21T00:00:00.005Z");
  expect(copyTime(1_763_683_200_123.25)).toBe("2025-11-21T00:00:00.123250Z");
  expect(copyTime(1_763_683_199_999.9995)).toBe("2025-11-20T23:59:59.999999Z");
});

it("a time writer says of every time what copyTime says of it", () => {
  const write = createTimeWriter();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      expect(write(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf } from "./lines.ts";

async function allLines(chunks: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks)) lines.push(line);
  return lines;
}

test("yields each line, and the last without a line feed", async () => {
  expect(await allLines(["a\nb\n\nc"])).toEqual(["a", "b", "", "c"]);
  expect(await allLines(["a\n"])).toEqual(["a"]);
  expect(await allLines([])).toEqual([]);
});

test("where the text is cut does not matter", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n") });
  await fc.assert(
    fc.asyncProperty(fc.array(text), async (chunks) => {
      expect(await allLines(chunks)).toEqual(await allLines([chunks.join("")]));
    }),
  );
});

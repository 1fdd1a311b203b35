import fc from "fast-check";
import { expect, it } from "vitest";
import { byPath } from "./columns.ts";

const sorted = (...paths: string[][]) =>
  paths
    .map((path) => ({ path }))
    .sort(byPath)
    .map(({ path }) => path.join("."));

it("puts a value before its fields, and items in their order", () => {
  expect(sorted(["b"], ["a", "10"], ["a", "9"], ["a"], ["a", "1x"])).toEqual(["a", "a.9", "a.10", "a.1x", "b"]);
});

it("is one order, whichever came first", () => {
  const keys = fc.array(fc.constantFrom("0", "1", "9", "10", "1a", "01", "B", ""), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.uniqueArray(keys, { selector: (path) => JSON.stringify(path) }), (paths) => {
      expect(sorted(...paths.toReversed())).toEqual(sorted(...paths));
    }),
  );
});

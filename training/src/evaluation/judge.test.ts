import fc from "fast-check";
import { expect, test } from "vitest";
import { Greatest } from "./judge.ts";

test("keeps the greatest, the greatest first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), (numbers, most) => {
      const greatest = new Greatest<number>(most, (number) => number);
      for (const number of numbers) greatest.add(number);
      expect(greatest.list()).toEqual(numbers.sort((a, b) => b - a).slice(0, most));
    }),
  );
});

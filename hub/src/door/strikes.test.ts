import { expect, it } from "vitest";
import { createStrikes } from "./strikes.ts";

it("counts wrong messages in a row", () => {
  const strikes = createStrikes(3, 1_000, () => 0);
  expect([true, true, false, true, true, true].map((wrong) => strikes.note(wrong))).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});

it("bears with a client that is wrong again and again, but slowly", () => {
  let time = 0;
  const strikes = createStrikes(3, 1_000, () => time);
  for (let count = 0; count < 100; count++) {
    expect(strikes.note(true)).toBe(false);
    time += 600;
  }
});

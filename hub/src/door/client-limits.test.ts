import { expect, it } from "vitest";
import { Strikes, TokenBucket } from "./client-limits.ts";

it("counts wrong messages in a row", () => {
  const strikes = new Strikes(3, 1_000, () => 0);
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
  const strikes = new Strikes(3, 1_000, () => time);
  for (let count = 0; count < 100; count++) {
    expect(strikes.note(true)).toBe(false);
    time += 600;
  }
});

it("lets so many pass a second, and as many at once after a pause, never more", () => {
  let time = 0;
  const bucket = new TokenBucket(10, () => time);
  const passed = (attempts: number) => Array.from({ length: attempts }, () => bucket.take()).filter(Boolean).length;
  expect(passed(25)).toBe(10);
  time += 300;
  expect(passed(25)).toBe(3);
  time += 60_000;
  expect(passed(25)).toBe(10);
});

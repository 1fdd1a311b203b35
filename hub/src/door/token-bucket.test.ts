import { expect, it } from "vitest";
import { createTokenBucket } from "./token-bucket.ts";

it("lets so many pass a second, and as many at once after a pause, never more", () => {
  let time = 0;
  const bucket = createTokenBucket(10, () => time);
  const passed = (attempts: number) => Array.from({ length: attempts }, () => bucket.take()).filter(Boolean).length;
  expect(passed(25)).toBe(10);
  time += 300;
  expect(passed(25)).toBe(3);
  time += 60_000;
  expect(passed(25)).toBe(10);
});

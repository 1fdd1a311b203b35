import { expect, it } from "vitest";
import { progressLine } from "./progress.ts";

it("says packets, rate, share and time left", () => {
  expect(progressLine({ packets: 12_345, share: 0.25, elapsedMs: 30_000 })).toBe(
    "12,345 packets · 412/s · 25 % · 1:30 left",
  );
});

it("knows nothing at the start", () => {
  expect(progressLine({ packets: 0, share: 0, elapsedMs: 0 })).toBe("0 packets · 0/s · 0 % · ? left");
});

import { expect, it } from "vitest";
import { dateOf, dayMs, dayOf } from "./days.ts";

it("days begin at midnight UTC", () => {
  const midnight = Date.UTC(2025, 10, 21);
  expect(dateOf(dayOf(midnight))).toBe("2025-11-21");
  expect(dateOf(dayOf(midnight - 1))).toBe("2025-11-20");
  expect(dateOf(dayOf(midnight + dayMs - 1))).toBe("2025-11-21");
});

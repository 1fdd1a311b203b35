import { expect, it } from "vitest";
import { yesOrNo } from "./yes-or-no.ts";

it("a variable that says no, or nothing, does not open the hub", () => {
  for (const text of ["0", "false", "no", "off", ""]) expect(yesOrNo(text)).toBe(false);
  for (const text of ["1", "true", "YES", "on"]) expect(yesOrNo(text)).toBe(true);
  expect(() => yesOrNo("maybe")).toThrow("expected yes or no");
});

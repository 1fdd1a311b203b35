import { expect, it } from "vitest";
import { namedDatabase } from "./shared.ts";

const url = "postgres://hub:password@127.0.0.1:5432/hub";

it("takes the database's URL, or that in a file", () => {
  expect(namedDatabase({ databaseUrl: url, databaseUrlFile: "postgres://other/hub" })).toBe(url);
  expect(namedDatabase({ databaseUrl: "", databaseUrlFile: url })).toBe(url);
  expect(namedDatabase({ databaseUrl: "" })).toBeUndefined();
});

it("repeats no password", () => {
  for (const databaseUrl of ["nonsense", "mysql://hub:password-1@host/hub"]) {
    expect(() => namedDatabase({ databaseUrl })).toThrow(/expected .*postgres:\/\/.*got something else$/);
  }
});

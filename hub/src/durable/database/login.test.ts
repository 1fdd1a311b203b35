import { expect, it } from "vitest";
import { explainLogin } from "./login.ts";

const refused = (code: string) => Object.assign(new Error('password authentication failed for user "hub"'), { code });

it.each(["28P01", "28000"])("says what to do about a login that fails with %s", (code) => {
  expect(explainLogin(refused(code))).toMatchObject({
    message: expect.stringMatching(
      /it says: password authentication failed for user "hub"\. Mend DATABASE_URL.*ALTER ROLE/,
    ),
    cause: { code },
  });
});

it("leaves other errors alone", () => {
  for (const error of [refused("42P01"), new Error("no code"), "a text"]) expect(explainLogin(error)).toBe(error);
});

import { expect, it } from "vitest";
import { describeRefusal, parseRefusal } from "./refusal.ts";

it("finds the hub's code in a text, and in no other text", () => {
  expect(parseRefusal("unauthorized: no token: ask for one")).toEqual({
    code: "unauthorized",
    message: "no token: ask for one",
  });
  for (const text of ["websocket error", "xhr: failed", ""]) expect(parseRefusal(text)).toEqual({ message: text });
});

it("describes a refusal as it came", () => {
  for (const text of ["unavailable: try again", "websocket error"]) {
    expect(describeRefusal(parseRefusal(text))).toBe(text);
  }
});

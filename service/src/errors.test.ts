import { expect, it } from "vitest";
import { messageOf } from "./errors.ts";

it("tells what was thrown, whatever it is", () => {
  expect(messageOf(new RangeError("too far"))).toBe("too far");
  expect(messageOf("no error")).toBe("no error");
  expect(messageOf(undefined)).toBe("undefined");
});

it("tells the code where there is no message", () => {
  const inVain = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
  expect(messageOf(inVain)).toBe("ECONNREFUSED");
});

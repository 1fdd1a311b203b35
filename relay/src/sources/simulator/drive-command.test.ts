import { expect, it } from "vitest";
import { readDriveCommand } from "./drive-command.ts";

it("understands drive and stop", () => {
  const params = { linear: 0.3, angular: -0.4 };
  expect(readDriveCommand({ action: "drive", params })).toEqual({ ok: true, velocity: params });
  expect(readDriveCommand({ action: "stop" })).toEqual({ ok: true, velocity: { linear: 0, angular: 0 } });
});

it.each([
  ["an unknown action", { action: "fly" }, /action must be "drive" or "stop"; got "fly"/],
  ["no params", { action: "drive" }, /params of drive: it must be object; got nothing/],
  ["a missing speed", { action: "drive", params: { linear: 0.1 } }, /angular/],
  ["text", { action: "drive", params: { linear: "0.1", angular: 0 } }, /linear must be number; got "0.1"/],
  ["too fast", { action: "drive", params: { linear: 9, angular: 0 } }, /linear must be <= 1; got 9/],
  ["what is no number", { action: "drive", params: { linear: Number.NaN, angular: 0 } }, /linear/],
  ["unknown params", { action: "drive", params: { linear: 0, angular: 0, sideways: 1 } }, /params of drive/],
])("refuses %s", (_, command, problem) => {
  expect(readDriveCommand(command)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
});

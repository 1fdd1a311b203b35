import { expect, it } from "vitest";
import { hexOf } from "./hex.ts";

it.each<[unknown]>([
  ["550e04ff"],
  ["55 0E 04 FF"],
  ["55:0e:04:ff"],
  ["0x55, 0x0e, 0x04, 0xff"],
  [[0x55, 0x0e, 0x04, 0xff]],
  [new Uint8Array([0, 0x55, 0x0e, 0x04, 0xff]).subarray(1)],
])("reads %j as bytes", (payload) => {
  expect(hexOf(payload)).toBe("550e04ff");
});

it.each<[unknown]>([
  ["550"],
  ["forward"],
  [""],
  [" "],
  [87],
  [null],
  [{}],
  [[]],
  [[256]],
  [[-1]],
  [[1.5]],
  [["55"]],
  [new Uint8Array(0)],
])("takes %j for no bytes", (payload) => {
  expect(hexOf(payload)).toBeUndefined();
});

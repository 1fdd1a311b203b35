import { expect, test } from "vitest";
import { numbersIn, parseCamera, parseField, validatePicture, valueAt } from "./field.ts";

test.each([
  ["imu", "telemetry", "imu", [], "hold", "imu"],
  ["imu.acc@linear", "telemetry", "imu", ["acc"], "linear", "imu.acc"],
  ["image/front.size.0", "telemetry", "image/front", ["size", "0"], "hold", "image/front.size.0"],
  ["command:drive.speed@nearest", "command", "drive", ["speed"], "nearest", "command:drive.speed"],
  ["prediction:wall-following", "prediction", "wall-following", ["action"], "hold", "prediction:wall-following"],
  ["prediction:p.scores", "prediction", "p", ["scores"], "hold", "prediction:p.scores"],
])("%s is a field", (text, source, type, path, resampling, name) => {
  expect(parseField(text, "hold")).toEqual({ source, type, path, resampling, name });
});

test.each(["", "imu@often", ".acc", "imu.", "orders:drive"])("%j is none, and the error says what is", (text) => {
  expect(() => parseField(text, "hold")).toThrow(`as in imu.acc@linear; got ${text}`);
});

test("a path leads into objects and lists, and to nothing where there is nothing", () => {
  const value = { acc: { x: 1 }, ranges: [3, 4] };
  expect(valueAt(value, [])).toBe(value);
  expect(valueAt(value, ["acc", "x"])).toBe(1);
  expect(valueAt(value, ["ranges", "1"])).toBe(4);
  for (const path of [["acc", "x", "y"], ["ranges", "2"], ["toString"], ["ranges", "length", "x"]]) {
    expect(valueAt(value, path)).toBeUndefined();
  }
});

test("all numbers in a value with their names; a yes is 1", () => {
  expect(numbersIn({ at: [1, { z: 2 }], on: true }, "odom")).toEqual([
    { name: "odom.at.0", value: 1 },
    { name: "odom.at.1.z", value: 2 },
    { name: "odom.on", value: 1 },
  ]);
  for (const value of ["1", null, undefined, [1, null], { x: "far" }, [], {}, 1e39]) {
    expect(numbersIn(value, "odom")).toBeUndefined();
  }
});

test("a camera is a data type and a name", () => {
  expect(parseCamera("image/front=front")).toMatchObject({
    field: { source: "telemetry", type: "image/front", path: [] },
    key: "observation.images.front",
  });
  expect(parseCamera("image/front.data=wrist.left")).toMatchObject({
    field: { type: "image/front", path: ["data"] },
    key: "observation.images.wrist.left",
  });
});

test.each(["image/front", "=front", "image/front=", "image/front=a/b"])("%j is none", (text) => {
  expect(() => parseCamera(text)).toThrow(`as in image/front=front; got ${text}`);
});

test("only pictures that an encoder knows, by the name of a blob", () => {
  const sha256 = "ab".repeat(32);
  expect(validatePicture({ $blob: sha256, bytes: 9, encoding: "png" }).ok).toBe(true);
  expect(validatePicture({ $blob: sha256, bytes: 9, encoding: "raw" }).ok).toBe(false);
  expect(validatePicture({ $blob: "../../secret", bytes: 9, encoding: "png" }).ok).toBe(false);
});

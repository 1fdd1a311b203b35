import { expect, test } from "vitest";
import { parseCamera, validatePicture } from "./camera.ts";

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

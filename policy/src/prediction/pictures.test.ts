import { expect, test } from "vitest";
import { rawPacket } from "../testing/packets.ts";
import { PictureMemory } from "./pictures.ts";

const pictureOf = (val: unknown, robot_id = "r1", type = "image/front") => rawPacket(1, val, { robot_id, type });
const jpeg = (last: number) => Uint8Array.of(0xff, 0xd8, last);

test("keeps the newest picture of each robot and type, under the server's names", () => {
  const memory = new PictureMemory({ "image/front": "front", "image/hand": "hand" });
  expect([memory.has("image/front"), memory.has("imu")]).toEqual([true, false]);
  expect(memory.take(pictureOf(jpeg(1)))).toBeUndefined();
  expect(memory.of("r1")).toEqual({ missing: ["image/hand"] });
  memory.take(pictureOf(jpeg(2)));
  memory.take(pictureOf({ width: 1, height: 2, encoding: "rgb8", data: new Uint8Array(6) }, "r1", "image/hand"));
  expect(memory.of("r1")).toEqual({
    pictures: {
      front: { dtype: "uint8", shape: [3], data: jpeg(2) },
      hand: { dtype: "uint8", shape: [2, 1, 3], data: new Uint8Array(6) },
    },
  });
  expect(memory.of("r2")).toEqual({ missing: ["image/front", "image/hand"] });
});

test("a policy without pictures misses none", () => {
  expect(new PictureMemory({}).of("r1")).toEqual({ pictures: {} });
});

test.each<[what: string, val: unknown, problem: RegExp]>([
  ["a text", "x", /expected bytes of a JPEG or PNG, or a picture: it must be object; got "x"/],
  [
    "too few bytes",
    { width: 2, height: 2, encoding: "rgb8", data: new Uint8Array(3) },
    /2 × 2 has 12 bytes; got 3 bytes/,
  ],
])("says what is wrong with %s", (_, val, problem) => {
  const memory = new PictureMemory({ "image/front": "front" });
  expect(memory.take(pictureOf(val))).toMatch(problem);
  expect(memory.of("r1")).toEqual({ missing: ["image/front"] });
});

test("robots without end do not fill the memory", () => {
  const memory = new PictureMemory({ "image/front": "front" });
  for (let robot = 0; robot <= 1_000; robot++) memory.take(pictureOf(jpeg(1), `r${robot}`));
  expect(memory.of("r0")).toEqual({ missing: ["image/front"] });
  expect(memory.of("r1")).toMatchObject({ pictures: {} });
});

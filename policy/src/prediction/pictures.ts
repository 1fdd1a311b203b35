/** The newest pictures of each robot, for policies that look at them. */
import type { RawPacket, Validation } from "@physical-ai/unity-protocol";
import { compileValidator, preview } from "@physical-ai/unity-protocol";
import Type from "typebox";
import type { Tensor } from "../tensor.ts";

/** Pictures of one robot, by the names that the policy's server has for them. */
export type Pictures = Readonly<Record<string, Tensor>>;

/** Remembers pictures. */
export interface PictureMemory {
  /** Whether packets of the type are pictures. */
  has(type: string): boolean;
  /** Takes a picture; a sentence when it is none. */
  take(packet: RawPacket): string | undefined;
  /** The robot's pictures; or the data types of which none has come. */
  of(robotId: string): { readonly pictures: Pictures } | { readonly missing: readonly string[] };
}

/** More robots than a worker serves with pictures; those that were heard longest ago go first. */
const mostRobots = 1_000;

const validateRaw = compileValidator(
  "a picture",
  Type.Object({
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
    encoding: Type.Enum(["rgb8"]),
    data: Type.Unknown(),
  }),
);

/** @param names what the server calls the pictures of each data type */
export function createPictureMemory(names: Readonly<Record<string, string>>): PictureMemory {
  const types = Object.keys(names);
  const robots = new Map<string, Map<string, Tensor>>();

  return {
    has: (type) => Object.hasOwn(names, type),
    take({ robot_id, type, val }) {
      const picture = decodePicture(val);
      if (!picture.ok) return picture.problem;
      const known = robots.get(robot_id) ?? new Map<string, Tensor>();
      known.set(type, picture.value);
      // A Map keeps the order in which keys were set.
      robots.delete(robot_id);
      robots.set(robot_id, known);
      const [oldest] = robots.keys();
      if (robots.size > mostRobots && oldest !== undefined) robots.delete(oldest);
      return undefined;
    },
    of(robotId) {
      const known = robots.get(robotId);
      const missing = types.filter((type) => known?.get(type) === undefined);
      if (missing.length > 0) return { missing };
      const pictures = Object.entries(names).flatMap(([type, name]) => {
        const picture = known?.get(type);
        return picture === undefined ? [] : [[name, picture]];
      });
      return { pictures: Object.fromEntries(pictures) };
    },
  };
}

/** JPEG or PNG as they are, to be decoded where the policy runs; or rows of red, green and blue as (height, width, 3). */
function decodePicture(val: unknown): Validation<Tensor> {
  if (val instanceof Uint8Array) {
    return { ok: true, value: { dtype: "uint8", shape: [val.byteLength], data: val } };
  }
  const raw = validateRaw(val);
  if (!raw.ok) return { ok: false, problem: `expected bytes of a JPEG or PNG, or ${raw.problem}` };
  const { width, height, data } = raw.value;
  if (!(data instanceof Uint8Array) || data.byteLength !== width * height * 3) {
    return {
      ok: false,
      problem: `a picture of ${width} × ${height} has ${width * height * 3} bytes; got ${preview(data)}`,
    };
  }
  return { ok: true, value: { dtype: "uint8", shape: [height, width, 3], data } };
}

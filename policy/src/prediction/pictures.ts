/** The newest pictures of each robot, for policies that look at them. */
import { compileValidator, preview, type RawPacket, type Validation } from "@physical-ai/unity-protocol";
import { LRUCache } from "lru-cache";
import Type from "typebox";
import type { Pictures } from "../runtime.ts";
import type { Tensor } from "../tensor.ts";

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

export class PictureMemory {
  /** What the model calls the pictures of each data type. */
  readonly #names: Readonly<Record<string, string>>;
  /** By robot, then by data type. */
  readonly #robots = new LRUCache<string, Map<string, Tensor>>({ max: mostRobots });

  /** @param names what the model calls the pictures of each data type */
  constructor(names: Readonly<Record<string, string>>) {
    this.#names = names;
  }

  /** Whether packets of the type are pictures. */
  has(type: string): boolean {
    return Object.hasOwn(this.#names, type);
  }

  /** Takes a picture; a sentence when it is none. */
  take({ robot_id, type, val }: RawPacket): string | undefined {
    const picture = decodePicture(val);
    if (!picture.ok) return picture.problem;
    const known = this.#robots.peek(robot_id) ?? new Map<string, Tensor>();
    known.set(type, picture.value);
    this.#robots.set(robot_id, known);
    return undefined;
  }

  /** The robot's pictures; or the data types of which none has come. */
  of(robotId: string): { readonly pictures: Pictures } | { readonly missing: readonly string[] } {
    // To be looked at is not to be heard.
    const known = this.#robots.peek(robotId);
    const missing = Object.keys(this.#names).filter((type) => known?.get(type) === undefined);
    if (missing.length > 0) return { missing };
    const pictures = Object.entries(this.#names).flatMap(([type, name]) => {
      const picture = known?.get(type);
      return picture === undefined ? [] : [[name, picture]];
    });
    return { pictures: Object.fromEntries(pictures) };
  }
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

/** Which numbers of which rows make a dimension of the dataset, and which pictures a video. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";

/** Where a row lies: `robot_telemetry`, `robot_commands` or `ai_predictions`. */
export type Source = "telemetry" | "command" | "prediction";

/** How a moment between two readings gets its value. */
export type Resampling = "nearest" | "hold" | "linear";

/** A declared field: rows of one source and type, and the place in their value. */
export interface Field {
  readonly source: Source;
  /** A data type, a command's name, or a policy's. */
  readonly type: string;
  /** Steps into the packet's `val`, the command's `params`, or the prediction; none takes all of it. */
  readonly path: readonly string[];
  readonly resampling: Resampling;
  /** As people wrote it, without the method: the first part of each dimension's name. */
  readonly name: string;
}

/** A number found in a value, and where. */
export interface Leaf {
  readonly name: string;
  readonly value: number;
}

/** The methods, for help texts and checks. */
export const resamplings: readonly Resampling[] = ["nearest", "hold", "linear"];

const form = /^(?:(command|prediction):)?([^.@:]+)(?:\.([^@]+))?(?:@(.+))?$/;

/**
 * Reads `imu.acc`, `odom.position@linear`, `command:drive.speed`, `prediction:wall-following.action`.
 *
 * @param fallback for a field that names no method
 * @throws when the text has another form
 */
export function parseField(text: string, fallback: Resampling): Field {
  const [matched, prefix, type, path, method = fallback] = form.exec(text.trim()) ?? [];
  const resampling = resamplings.find((known) => known === method);
  if (matched === undefined || type === undefined || resampling === undefined) {
    throw new Error(
      `a field must be [command:|prediction:]type[.path][@${resamplings.join("|")}], as in imu.acc@linear; got ${text}`,
    );
  }
  const source = prefix === "command" || prefix === "prediction" ? prefix : "telemetry";
  const steps = path?.split(".") ?? (source === "prediction" ? ["action"] : []);
  return { source, type, path: steps, resampling, name: matched.replace(/@.*$/, "") };
}

/** What lies at a path inside a value; `undefined` where nothing does. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
    found = Reflect.get(found, step);
  }
  return found;
}

/** Datasets hold float32: what is beyond would be infinite in them, and its mean no number. */
export function isFloat32(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(Math.fround(value));
}

/**
 * All numbers inside a value, depth first; a yes is 1 and a no is 0. `undefined` when anything else is inside: a
 * dimension that is a number only now and then would silently shift all that follow it.
 */
export function numbersIn(value: unknown, name: string): readonly Leaf[] | undefined {
  if (typeof value === "number") return isFloat32(value) ? [{ name, value }] : undefined;
  if (typeof value === "boolean") return [{ name, value: Number(value) }];
  if (typeof value !== "object" || value === null) return undefined;
  const leaves: Leaf[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const found = numbersIn(inner, `${name}.${key}`);
    if (found === undefined) return undefined;
    leaves.push(...found);
  }
  return leaves.length === 0 ? undefined : leaves;
}

/** Pictures of one data type, under a name. */
export interface Camera {
  readonly field: Field;
  /** The feature: `observation.images.front`. */
  readonly key: string;
}

/** What a row keeps of a picture: where the blob folder has its bytes, and their format. */
export const Picture = Type.Object({
  $blob: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  encoding: Type.Enum(["jpeg", "png"]),
});
export type Picture = Type.Static<typeof Picture>;

export const validatePicture = compileValidator("a picture", Picture);

/**
 * Reads `image/front=front`, or `image/front.data=front` where the picture lies inside the packet's `val`.
 *
 * @throws when the text has another form
 */
export function parseCamera(text: string): Camera {
  const [, pictures, name] = /^([^=]+)=([A-Za-z0-9_.-]+)$/.exec(text.trim()) ?? [];
  if (pictures === undefined || name === undefined) {
    throw new Error(`a video must be type[.path]=name, as in image/front=front; got ${text}`);
  }
  return { field: parseField(pictures, "hold"), key: `observation.images.${name}` };
}

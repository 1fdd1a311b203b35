/** Which pictures become a video of the dataset. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { type Field, parseField } from "./field.ts";

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

import { toStorable } from "../storable.ts";

/** Params wait in memory until the robot has answered and the database has them. */
const maxParamsLength = 64_000;

/** Says why the params of a command cannot be kept, if so. */
export function problemWithParams(params: unknown): string | undefined {
  const storable = toStorable(params ?? {});
  if (!storable.ok) return storable.problem;
  if (storable.blobs.length > 0) return "params cannot hold binary";
  if (storable.json.length > maxParamsLength) return `params may be at most ${maxParamsLength} characters of JSON`;
  return undefined;
}

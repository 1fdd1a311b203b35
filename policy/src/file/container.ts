/** What a policy file says of the container that its server runs in. */
import Type, { type Static } from "typebox";
import { closed } from "../preprocessing/step.ts";

/** The policy frameworks that have containers. */
export const frameworkNames = ["lerobot", "groot_n15", "pi0", "isaac_sim", "isaac_lab", "reference"] as const;

export const ContainerOptions = closed({
  framework: Type.Enum(frameworkNames),
  /** As the container sees it (`/workspace/shared_data/…`), or as the framework's hub knows it. */
  model_path: Type.Optional(Type.String({ minLength: 1 })),
  /** The framework's own, as `--set NAME=VALUE` of its server takes them. */
  options: Type.Optional(Type.Record(Type.String({ minLength: 1 }), Type.String())),
  gpus: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true })),
  /** As in `16g`. */
  memory: Type.Optional(Type.String({ minLength: 1 })),
  /** For the process inside. */
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type ContainerOptions = Static<typeof ContainerOptions>;

const units = ["b", "k", "m", "g", "t"];

/**
 * Reads an amount of memory as people write it for Docker: `512m`, `2g`, `1.5g`, `2GiB`; a number without a unit is
 * bytes. Units are powers of 1,024.
 *
 * @throws RangeError
 */
export function parseMemory(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?(?:([bkmgt])(?:(?<=[kmgt])i?b)?)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(digits) * 1_024 ** units.indexOf((unit ?? "b").toLowerCase()));
  if (bytes > 0) return bytes;
  throw new RangeError(`expected an amount of memory such as 512m or 2g; got ${JSON.stringify(text)}`);
}

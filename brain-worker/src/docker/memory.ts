/** Amounts of memory, as people write them for Docker. */
import { DockerError } from "./errors.ts";

const units = ["b", "k", "m", "g", "t"];

/**
 * Reads `512m`, `2g`, `1.5g`, `2GiB`; a number without a unit is bytes. Units are powers of 1,024, as Docker's are.
 *
 * @throws DockerError `invalid_option`
 */
export function parseMemory(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?(?:([bkmgt])(?:(?<=[kmgt])i?b)?)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(digits) * 1_024 ** units.indexOf((unit ?? "b").toLowerCase()));
  if (bytes > 0) return bytes;
  throw new DockerError(
    "invalid_option",
    `expected an amount of memory such as 512m or 2g; got ${JSON.stringify(text)}`,
  );
}

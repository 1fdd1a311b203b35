/** Amounts of memory, as people write them for Docker. */
const units = ["b", "k", "m", "g", "t"];

/**
 * Reads `512m`, `2g`, `1.5g`, `2GiB`; a number without a unit is bytes. Units are powers of 1,024, as Docker's are.
 *
 * @throws RangeError
 */
export function parseMemory(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?(?:([bkmgt])(?:(?<=[kmgt])i?b)?)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(digits) * 1_024 ** units.indexOf((unit ?? "b").toLowerCase()));
  if (bytes > 0) return bytes;
  throw new RangeError(`expected an amount of memory such as 512m or 2g; got ${JSON.stringify(text)}`);
}

/** How many bytes a packet takes on the wire, near enough for quotas and batch limits, without encoding it. */

const bytesPerNumber = 8;
const bytesPerKey = 4;

/** The approximate size in bytes of a packet, or of any value in it. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length + 3;
  if (typeof value !== "object" || value === null) return bytesPerNumber;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((bytes, item) => bytes + sizeOf(item), 2);
  return Object.entries(value).reduce((bytes, [key, item]) => bytes + key.length + bytesPerKey + sizeOf(item), 2);
}

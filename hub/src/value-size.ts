/** How much memory a value takes, for bounds. */

const perValue = 16;

/** About how many bytes a JSON value with binary takes. Its depth must be bounded already. */
export function approximateBytes(value: unknown): number {
  if (typeof value === "string") return perValue + value.length;
  if (typeof value !== "object" || value === null) return perValue;
  if (value instanceof Uint8Array) return perValue + value.byteLength;
  let bytes = perValue;
  if (Array.isArray(value)) for (const item of value) bytes += approximateBytes(item);
  else for (const key in value) bytes += key.length + approximateBytes(Reflect.get(value, key));
  return bytes;
}

import { Buffer } from "node:buffer";

/** The bytes of a `hex_to_hub` as hex digits; `undefined` for what is neither hex text nor bytes, or none at all. */
export function hexOf(payload: unknown): string | undefined {
  const digits = typeof payload === "string" ? digitsOf(payload) : bytesOf(payload)?.toString("hex");
  return digits !== undefined && /^[0-9a-f]+$/.test(digits) && digits.length % 2 === 0 ? digits : undefined;
}

/** People write spaces, commas, colons, and 0x before each byte. */
function digitsOf(text: string): string {
  return text.toLowerCase().replaceAll(/\b0x|[\s,:-]/g, "");
}

function bytesOf(payload: unknown): Buffer | undefined {
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.isArray(payload) && payload.every(isByte) ? Buffer.from(payload) : undefined;
}

const isByte = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;

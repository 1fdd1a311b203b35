/** Half floats, for which JavaScript has no typed array yet. */

/** IEEE 754 binary16: one bit of sign, five of exponent, ten of fraction. */
export function numberOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 0x400) * 2 ** (exponent - 15);
}

/** How numbers, times and values read. */

/** Four significant digits or so, without jumping between widths more than needed. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value);
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return value.toFixed(size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** A share between 0 and 1 as a percentage. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(share > 0.9995 || share === 0 ? 0 : 1)} %`;
}

/** `48 Hz`, `9.1 Hz` */
export function formatRate(perSecond: number): string {
  return perSecond.toFixed(perSecond >= 9.95 || perSecond === 0 ? 0 : 1);
}

/** `now`, `12 s`, `3 min`, `2 h` */
export function formatAge(ms: number): string {
  if (ms < 2_000) return "now";
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return `${Math.floor(ms / 3_600_000)} h`;
}

/** `0.8 ms`, `12 ms`, `1.4 s` */
export function formatMs(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms.toFixed(ms >= 10 ? 0 : 1)} ms`;
}

/** Any JSON value (or bytes) on one short line. */
export function formatBrief(value: unknown, maxLength = 120): string {
  if (typeof value === "number") return String(Number(formatNumber(value)));
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) {
    const short = value.length <= 6 && value.every((item) => typeof item === "number");
    return short ? value.map((item) => formatBrief(item)).join(", ") : `${value.length} items`;
  }
  const text = isRecord(value) ? briefFields(value) : String(value);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function briefFields(record: Record<string, unknown>): string {
  return Object.entries(record)
    .slice(0, 12)
    .map(([name, value]) => `${name} ${isRecord(value) ? "{…}" : formatBrief(value)}`)
    .join(", ");
}

/** Objects with named fields, as JSON has them. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

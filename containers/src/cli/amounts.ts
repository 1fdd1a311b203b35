/** Amounts, as people read them. */

const units = ["B", "kB", "MB", "GB", "TB"];

/** Three digits at most, in powers of 1,000: `1.23 GB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1_000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[power]}`;
}

export function formatPercent(percent: number): string {
  return `${percent.toFixed(1)} %`;
}

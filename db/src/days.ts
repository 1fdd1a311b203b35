/** The UTC days that partitions are of. */

export const dayMs = 86_400_000;

/** The UTC day of a time, as days since 1970. */
export function dayOf(epochMs: number): number {
  return Math.floor(epochMs / dayMs);
}

/** A day's date as `YYYY-MM-DD`. */
export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** UTC days, which partitions are of: as numbers, as dates, and in the partitions' names. */

export const dayMs = 86_400_000;

/** The UTC day of a time, as days since 1970. */
export function dayOf(epochMs: number): number {
  return Math.floor(epochMs / dayMs);
}

/** A day's date as `YYYY-MM-DD`. */
export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The tables that have a partition a day. */
export const partitionedTables = ["robot_telemetry", "ai_predictions"] as const;

/** The name of a day's partition: `robot_telemetry_20260301`. In the order of the days. */
export function partitionName(table: (typeof partitionedTables)[number], day: number): string {
  return `${table}_${dateOf(day).replaceAll("-", "")}`;
}

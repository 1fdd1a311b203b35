/** When a recording's packets are due. */

/**
 * - `recorded`: as recorded, so many times as fast;
 * - `rate`: so many packets a second;
 * - `max`: as fast as the hub acknowledges them.
 */
export type Pace = { kind: "recorded"; speed: number } | { kind: "rate"; hz: number } | { kind: "max" };

/** When the packet `index` (from 0), recorded at `offsetMs`, is due: milliseconds since the replay's start. */
export function dueMs(pace: Pace, index: number, offsetMs: number): number {
  if (pace.kind === "max") return 0;
  return pace.kind === "rate" ? (index * 1_000) / pace.hz : offsetMs / pace.speed;
}

/** How deep the values of a packet may be nested. */

/** Deeper nesting is no reading of a robot; PostgreSQL's own limit is not far beyond, and recursive code fails at it. */
export const maxDepth = 100;

/** Whether objects and lists lie in each other more than so many levels deep. It looks no deeper than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (levels === 0) return true;
  for (const key in value) if (isDeeperThan(Reflect.get(value, key), levels - 1)) return true;
  return false;
}

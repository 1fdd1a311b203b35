/** Keeps what may happen with every packet from filling the log. */

/**
 * Makes a function that is true at most once an interval for each key.
 *
 * @param now milliseconds
 */
export function createRateLimit(intervalMs: number, now = () => performance.now()): (key: string) => boolean {
  const last = new Map<string, number>();
  return (key) => {
    const at = now();
    const before = last.get(key);
    if (before !== undefined && at - before < intervalMs) return false;
    last.set(key, at);
    return true;
  };
}

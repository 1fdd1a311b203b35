/** How long to wait before trying again: longer after each failure, and never all relays at the same moment. */

const firstStepMs = 100;
const longestMs = 5_000;

/**
 * A delay in milliseconds, between half and the whole of a step that doubles with each failure up to 5 s.
 *
 * @param failures how many tries failed in a row, from 1
 * @param random a number from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const step = Math.min(longestMs, firstStepMs * 2 ** (failures - 1));
  return step * (0.5 + random / 2);
}

/** Which packets a full disk quota never drops. */

/** What happened, not what was measured: bumps, alarms, the answers to commands, and what was dropped before. */
export const defaultKeptTypes: readonly string[] = ["relay_gap", "impact", "event/*", "alarm/*", "command/*"];

/** True for the data types that must not be dropped. */
export type IsKeptType = (type: string) => boolean;

/** @param patterns data types; one that ends in `*` means every type that begins so */
export function keptTypes(patterns: readonly string[] = defaultKeptTypes): IsKeptType {
  const whole = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const beginnings = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return (type) => whole.has(type) || beginnings.some((beginning) => type.startsWith(beginning));
}

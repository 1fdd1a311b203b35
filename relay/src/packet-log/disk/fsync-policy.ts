/** When what was written is forced through the operating system's cache onto the disk. */

/**
 * What an acknowledged packet survives. All policies survive the death of the process at any moment; a power-off is
 *
 * - `group`: survived by every acknowledged packet. Packets that come within `withinMs` share one fsync;
 * - `interval`: survived by what is older than `ms`;
 * - `never`: survived by what the operating system has written by itself, usually within 30 s.
 */
export type FsyncPolicy = { kind: "group"; withinMs: number } | { kind: "interval"; ms: number } | { kind: "never" };

/** Few enough fsyncs for an SD card, and hardly noticed by a live prediction. */
export const groupFsync: FsyncPolicy = { kind: "group", withinMs: 2 };

/**
 * Reads `group`, `interval:<ms>` or `never`.
 *
 * @throws Error that says so when it is none of them
 */
export function parseFsyncPolicy(text: string): FsyncPolicy {
  if (text === "group") return groupFsync;
  if (text === "never") return { kind: "never" };
  const ms = Number(/^interval:(\d{1,6})$/.exec(text)?.[1]);
  if (ms > 0) return { kind: "interval", ms };
  throw new Error("expected group, interval:<milliseconds> or never");
}

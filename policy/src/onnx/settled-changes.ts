/** Notices that a file holds something else, however it came there: renamed into place, or written over. */
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Yields whenever the file has changed and then stood still from one look to the next; also for what it holds at first.
 * It looks by itself, since not all file systems tell of changes (shared folders, mounts of containers). A file that is
 * gone is no change. Ends when the signal is aborted.
 */
export async function* settledChanges(file: string, signal: AbortSignal, everyMs = 250): AsyncGenerator<void> {
  let seen: string | undefined;
  let told: string | undefined;
  while (!signal.aborted) {
    const stamp = await stampOf(file);
    if (stamp !== undefined && stamp === seen && stamp !== told) {
      told = stamp;
      yield;
    }
    seen = stamp;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Changes with the file's content; undefined where there is none. */
async function stampOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
}

/** Signals: when a service is to stop, how a command ends on Ctrl-C, and whether another process runs. */
import { constants } from "node:os";

const stopEvents = ["SIGINT", "SIGTERM", "disconnect"] as const;

/**
 * For services, which end in order. Resolves, with what asked for it, at the first SIGINT or SIGTERM, or when the parent
 * that opened a channel to the process is gone: nobody would stop the process then. What comes after that does not cut an
 * orderly end short.
 */
export function stopRequested(): Promise<(typeof stopEvents)[number]> {
  // Whoever listens for the parent's end would be kept alive by the channel.
  process.channel?.unref();
  return new Promise((resolve) => {
    for (const event of stopEvents) process.on(event, () => resolve(event));
  });
}

/** For commands: Ctrl-C is an exit like any other, so that what is unfinished goes and the terminal is as it was. */
export function exitOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // As shells tell it.
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

/** Whether a process runs; one that may not be asked does. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

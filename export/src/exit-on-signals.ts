import { constants } from "node:os";

/** Makes Ctrl-C an exit like any other: what is unfinished goes, and the terminal is as it was. */
export function exitOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // As shells tell it.
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

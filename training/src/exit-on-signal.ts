/** Ctrl-C, and being asked to end. */

/** Ends the process through its `exit` handlers: what is half written goes, and the terminal gets its cursor back. */
export function exitOnSignal(): void {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

/** When a process is to end. */
const stopEvents = ["SIGINT", "SIGTERM", "disconnect"] as const;

/**
 * Resolves, with what asked for it, at the first SIGINT or SIGTERM, or when the parent that opened a channel to the
 * process is gone: nobody would stop the process then. What comes after that does not cut an orderly end short.
 */
export function stopRequested(): Promise<(typeof stopEvents)[number]> {
  // Whoever listens for the parent's end would be kept alive by the channel.
  process.channel?.unref();
  return new Promise((resolve) => {
    for (const event of stopEvents) process.on(event, () => resolve(event));
  });
}

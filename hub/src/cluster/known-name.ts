/** Waits for a name that may not be known yet. */
import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** When to give up, and who is told that it takes a while. */
export interface Patience {
  signal: AbortSignal;
  /** Once, when the name is not known at first. */
  onUnknown: () => void;
  /** Once, when it is known after that. */
  onKnown: () => void;
}

const againMs = 3_000;

/**
 * Resolves when the name of a URL's host has an address, whether or not anybody answers there.
 *
 * @throws when the signal ends it
 */
export async function untilNameIsKnown(url: string, { signal, onUnknown, onKnown }: Patience): Promise<void> {
  const name = new URL(url).hostname.replace(/^\[|\]$/g, "");
  for (let attempt = 0; ; attempt++) {
    const known = await lookup(name).then(
      () => true,
      () => false,
    );
    if (known && attempt > 0) onKnown();
    if (known) return;
    if (attempt === 0) onUnknown();
    await sleep(againMs, undefined, { signal, ref: false });
  }
}

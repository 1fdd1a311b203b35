/** Waits for conditions. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@physical-ai/service/errors";

const pollMs = 100;

/** Something did not come true in time. */
export class TooLate extends Error {
  override name = "TooLate";
}

/**
 * Resolves when the condition holds. One that cannot be asked now does not hold.
 *
 * @param what completes "it did not come true that …"
 * @throws {TooLate} after `patienceMs`
 */
export async function until(what: string, holds: () => Promise<boolean> | boolean, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let problem = "";
  for (;;) {
    try {
      if (await holds()) return;
      problem = "";
    } catch (error) {
      problem = `: ${messageOf(error)}`;
    }
    if (Date.now() > deadline) {
      throw new TooLate(`within ${patienceMs / 1_000} s it did not come true that ${what}${problem}`);
    }
    await sleep(pollMs);
  }
}

/** Waiting for a process that was just started. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Death, describeDeath } from "./supervised-process.ts";

const patienceMs = 60_000;
const pollMs = 100;

/** Who is waited for. */
export interface Starting {
  name: string;
  /** May throw while there is nobody to answer. */
  isReady: () => Promise<boolean>;
  /** How it last ended, if it did. */
  lastDeath: () => Death | undefined;
}

/** @throws Error when it cannot become ready, or takes too long */
export async function untilReady({ name, isReady, lastDeath }: Starting): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await isReady().catch(() => false))) {
    const death = lastDeath();
    // A process that ends with code 1 before it was ever ready says why, and would say it again.
    if (death?.code === 1) throw new Error(`the ${name} could not start (${describeDeath(death)})`);
    if (Date.now() >= deadline) throw new Error(`the ${name} was not ready within ${patienceMs / 1_000} s`);
    await sleep(pollMs);
  }
}

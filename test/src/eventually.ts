import { vi } from "vitest";

/** Bounds what hangs, and nothing else: a slow machine may take its time. */
const patienceMs = 120_000;

/** Tries until `check` does not throw, and resolves with what it returned; rejects with its last error when it never does. */
export function eventually<T>(check: () => T | Promise<T>, timeoutMs = patienceMs): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 10 });
}

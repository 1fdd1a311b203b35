import { vi } from "vitest";

/** Tries until `check` does not throw, and resolves with what it returned; rejects with its last error when that takes longer. */
export function eventually<T>(check: () => T | Promise<T>, timeoutMs = 10_000): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 10 });
}

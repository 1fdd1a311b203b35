import type { Place } from "./ports.ts";

/** A server that runs elsewhere and does not answer is asked again so soon. */
const patienceMs = 10_000;

/** A server that somebody else runs, and nobody here starts or stops. */
export function endpointPlace(endpoint: string): Place {
  return { name: endpoint, readyWithinMs: patienceMs, bringUp: async () => endpoint, stop: async () => undefined };
}

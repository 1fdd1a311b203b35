/** The relays that are here, by the ids that they registered with. */
import type { RelayLink } from "./links.ts";

/** Holds connections, and closes none: whoever adds one takes it out when it ends. */
export interface Relays {
  /** Adds one. The function that comes back takes it out again. */
  add(relay: RelayLink): () => void;
  /** Of several connections with one id the newest. */
  named(relayId: string): RelayLink | undefined;
}

/** Makes an empty register. */
export function createRelays(): Relays {
  const relays = new Set<RelayLink>();
  return {
    add(relay) {
      relays.add(relay);
      return () => void relays.delete(relay);
    },
    named: (id) => [...relays].findLast(({ relayId }) => relayId === id),
  };
}

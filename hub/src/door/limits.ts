/** What one client may ask of the hub. */

/** Bounds of a client; beyond them it is refused or dismissed, so that it costs others nothing. */
export interface ClientLimits {
  /** Events of any kind; what comes on top is answered `overloaded`, and nothing is done for it. */
  eventsPerSecond: number;
  commandsPerSecond: number;
  /** Wrong messages in a row, without a right one between them, in so short a time: then the client is dismissed. */
  wrongInARow: number;
  wrongWithinMs: number;
  /** A client that has not registered by then is dismissed. */
  registerWithinMs: number;
  /** A client that does not read is dismissed when so much waits for it. */
  maxUnread: { messages: number; bytes: number };
}

export const defaultClientLimits: ClientLimits = {
  eventsPerSecond: 20_000,
  commandsPerSecond: 200,
  wrongInARow: 100,
  wrongWithinMs: 10_000,
  registerWithinMs: 30_000,
  maxUnread: { messages: 20_000, bytes: 16_000_000 },
};

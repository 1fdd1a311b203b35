/** Counts what attackers did and what came of it. */

/** Counts of all attackers. */
export interface Tally {
  /** Sent: events, broken frames, bytes that are none, HTTP requests. */
  messages: number;
  /** Events that were acknowledged, whatever the answer. */
  answered: number;
  /** Events that asked for an acknowledgement on a connection that lived, and got none. */
  unanswered: number;
  /** Events that the validators or the rules refuse, and the hub did not. */
  acceptedInvalid: number;
  /** Connections that the hub ended, or did not let in. */
  disconnected: number;
}

export const createTally = (): Tally => ({
  messages: 0,
  answered: 0,
  unanswered: 0,
  acceptedInvalid: 0,
  disconnected: 0,
});

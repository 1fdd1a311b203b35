/** Connections that the hub did not accept, or closed itself, by what was the matter. */
import { createTally, type Tally } from "../tally.ts";

const reasons = [
  /** A web page of another origin. */
  "origin",
  /** No token, or one that is not valid. */
  "unauthorized",
  /** The token could not be checked. */
  "unavailable",
  /** It did not register in time. */
  "not_registered",
  /** It sent nothing but wrong messages. */
  "wrong_messages",
  /** It did not read what it was sent. */
  "unread",
] as const;

export type TurnedAway = Tally<(typeof reasons)[number]>;

export const createTurnedAway = (): TurnedAway => createTally(reasons);

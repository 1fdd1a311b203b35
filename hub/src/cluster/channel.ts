/** The way between hubs, whatever it is made of. */
import type { HubMessage } from "./messages.ts";

/**
 * Carries messages to all other hubs: at most once, in the order of one sender, and soon or never.
 *
 * It MUST NOT throw, wait, or hold more than a bounded amount while the way is blocked: it drops and counts.
 */
export interface HubChannel {
  /** Returns false when the message was dropped at once. */
  publish(message: HubMessage): boolean;
  /** The one who hears every message of the others; each has passed the validator. */
  onMessage(hear: (message: HubMessage) => void): void;
  readonly dropped: number;
  /** Sends what is under way, as far as that is quick. */
  close(): Promise<void>;
}

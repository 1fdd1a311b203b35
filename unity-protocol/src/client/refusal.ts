/** Why the hub does not take a client, whether it says so at the handshake, in an answer, or before it hangs up. */
import { ErrorCode } from "../acknowledgement.ts";

export interface Refusal {
  /** Missing when the hub could not be reached, did not answer, or was not understood. */
  readonly code?: ErrorCode | undefined;
  readonly message: string;
}

/**
 * - `unreachable`: nobody has answered yet.
 * - `handshake`: the hub did not let us in.
 * - `registration`: it did not accept who we say we are, or did not answer that.
 * - `dismissal`: it closes the connection now.
 */
export type RefusalStage = "unreachable" | "handshake" | "registration" | "dismissal";

/** Reads what Socket.IO has of a refusal at the handshake, which is a text: `unauthorized: no token came`. */
export function parseRefusal(text: string): Refusal {
  const [, word, message = ""] = /^(\w+): (.*)$/s.exec(text) ?? [];
  const code = ErrorCode.enum.find((known) => known === word);
  return code === undefined ? { message: text } : { code, message };
}

/** One line about a refusal, for logs and error messages. */
export function describeRefusal({ code, message }: Refusal): string {
  return code === undefined ? message : `${code}: ${message}`;
}

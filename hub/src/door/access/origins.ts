/** Which web pages may connect without a token: the hub's own, and those that the operator names. */
import type { IncomingHttpHeaders } from "node:http";

/** Reads an origin as browsers write it. Throws on anything else. */
export function parseOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (origin !== "null") return origin;
  throw new Error(`expected an origin, as in https://host:port; got ${text}`);
}

/**
 * Any page that someone looks at may open a WebSocket to any address that the browser can reach, and so give commands to
 * robots in a network that it should not even see. Browsers say where a page is from; other clients say nothing.
 *
 * @param allowed origins of pages beside the hub's own
 */
export function isWelcomePage({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const own = `${new URL(origin).protocol}//${host}`;
  return URL.canParse(own) && new URL(own).origin === new URL(origin).origin;
}

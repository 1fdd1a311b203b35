/** Who may come in: clients by their token, web pages by their origin. */
import type { IncomingHttpHeaders } from "node:http";
import { isIPv4 } from "node:net";
import { type Failure, failure, type Registration } from "@physical-ai/unity-protocol";
import { type Identity, verifyToken } from "./tokens.ts";

/** The operator's decision. */
export interface AccessOptions {
  /** Signs tokens; without it no token is valid. */
  secret?: string | undefined;
  /** Lets clients in that bring no token. */
  allowAnonymous: boolean;
  /** Where web pages may come from that are not the hub's own, as in `https://host:port`. */
  allowedOrigins?: readonly string[] | undefined;
}

/** What a client may be: the one its token names, or anyone where the operator allows that. */
export type Visitor = { kind: "known"; identity: Identity } | { kind: "anonymous" };

/** Decides on every client, by its token. */
export interface Access {
  /** Returns who comes, or the reason why nobody does. */
  admit(token: unknown): Promise<Visitor | { kind: "refused"; reason: string }>;
}

/** Whoever brings a token is judged by it, also where the operator lets clients in that bring none. */
export function createAccess({ secret, allowAnonymous }: AccessOptions): Access {
  return {
    async admit(token) {
      if (token === undefined || token === "") {
        if (allowAnonymous) return { kind: "anonymous" };
        return { kind: "refused", reason: "expected a token in auth.token; none came. Ask the hub's operator for one" };
      }
      const identity = typeof token === "string" && secret !== undefined ? await verifyToken(token, secret) : undefined;
      if (identity !== undefined) return { kind: "known", identity };
      return { kind: "refused", reason: "the token is not one of this hub's. Ask the hub's operator for a new one" };
    },
  };
}

/** Why a visitor may not register as what it says: a token says who its bearer is; viewers share one, and choose an id each. */
export function refusalOf(visitor: Visitor, registration: Registration): Failure | undefined {
  if (visitor.kind !== "known") return undefined;
  const { role, id } = visitor.identity;
  if (role !== registration.role) {
    return failure(
      "forbidden",
      `this token is for the role ${role}; expected it to register as that, not ${registration.role}`,
    );
  }
  if (role !== "viewer" && id !== registration.id) {
    return failure(
      "forbidden",
      `this token is for ${role} ${id}; expected it to register with that id, not ${registration.id}`,
    );
  }
  return undefined;
}

/** Who a viewer's commands come from: a viewer that has a token is who this names, whatever id it chose. */
export function senderOf(visitor: Visitor, registration: Registration): string {
  return visitor.kind === "known" && visitor.identity.role === "viewer" ? visitor.identity.id : registration.id;
}

/** Refuses to open the hub to a network without any say in who may come in. */
export function checkExposure(host: string, { secret, allowAnonymous }: AccessOptions): void {
  if (isLoopback(host) || secret !== undefined || allowAnonymous) return;
  throw new Error(
    `the hub will not listen on ${host} without access control: set HUB_SECRET or HUB_SECRET_FILE, ` +
      "or allow anonymous clients with ALLOW_ANONYMOUS=1",
  );
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

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

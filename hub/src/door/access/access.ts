/** Who may come in. */
import { isIPv4 } from "node:net";
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

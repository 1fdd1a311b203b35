/** The hub's public door. */
export type { AccessOptions } from "./access/access.ts";
export { readOrMakeSecret } from "./access/secret.ts";
export { type Identity, signToken } from "./access/tokens.ts";
export { createHub, type Hub, type HubOptions, type HubStats } from "./hub.ts";

/** The hub's public door. */
export type { AccessOptions } from "./door/access/access.ts";
export { createHub, type Hub, type HubDependencies, type HubOptions, type HubStats } from "./hub.ts";

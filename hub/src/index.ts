/** The hub's public door. */
export type { AccessOptions } from "./access/access.ts";
export { exportsOf } from "./exports/export-in-thread.ts";
export { createHub, type Hub, type HubDependencies, type HubOptions, type HubStats } from "./hub.ts";

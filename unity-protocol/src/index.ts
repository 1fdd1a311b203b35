/**
 * The contract of hub, relays, brain workers and viewers.
 *
 * Names on the wire are snake_case, everywhere and only here and in SQL.
 */
export * from "./acknowledgement.ts";
export * from "./command.ts";
export * from "./events.ts";
export { keysOf, valueAt } from "./json-pointer.ts";
export { messageSchemas, validate } from "./messages.ts";
export * from "./nesting.ts";
export * from "./packet.ts";
export * from "./payload-schema.ts";
export * from "./prediction.ts";
export * from "./registration.ts";
export * from "./status.ts";
export { compileDiscriminated, compileValidator, preview, type Validate, type Validation } from "./validation.ts";

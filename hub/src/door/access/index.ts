/** Secrets and tokens, for those who start a hub and its clients. */
export { readOrMakeSecret } from "./secrets.ts";
export { type Identity, signToken } from "./tokens.ts";

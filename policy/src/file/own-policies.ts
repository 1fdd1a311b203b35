import { fileURLToPath } from "node:url";

/** The folder of the policies that come with the project, seen from `dist` and from `src`. */
export const ownPolicies = fileURLToPath(new URL("../../../brain-worker/policies", import.meta.url));

/** Where the policy files are: the option of whatever reads them. */
import { Option } from "@commander-js/extra-typings";
import { folder } from "@physical-ai/service/options";
import { ownPolicies } from "./own-policies.ts";

export const policiesOption = () =>
  new Option("--policies <folder>", "where the policy files are")
    .env("POLICIES_DIR")
    .default(ownPolicies)
    .argParser(folder);

/** The option of command lines that read policy files. */
import { Option } from "@commander-js/extra-typings";
import { folder } from "@physical-ai/service/options";

/** @param standard the folder where nobody names one */
export const policiesOption = (standard: string) =>
  new Option("--policies <folder>", "where the policy files are")
    .env("POLICIES_DIR")
    .default(standard)
    .argParser(folder);

/** `npm run features`: from stored rows to the table that a policy is trained on. */
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type FeaturesConfig, readFeaturesConfig } from "./config.ts";
import { loadPolicies } from "./policies/load.ts";
import { featureTable } from "./training/feature-table.ts";
import { linesOf } from "./training/lines.ts";

async function writeFeatures({
  policiesDir,
  policy: name,
  input,
  output,
  label,
  group,
}: FeaturesConfig): Promise<void> {
  const policies = await loadPolicies(policiesDir, { models: "optional" });
  const policy = policies.find((candidate) => candidate.name === name);
  if (policy === undefined) {
    throw new Error(`--policy must be one of ${policies.map((known) => known.name).join(", ")}; got ${name}`);
  }
  const source = (input === "-" ? process.stdin : createReadStream(input)).setEncoding("utf8");
  const table = featureTable(policy, linesOf(source), { label, group });
  if (output === "-") await pipeline(table, process.stdout);
  else await writeWhole(output, table);
}

/** A table that broke off is never taken for a whole one. */
async function writeWhole(file: string, content: AsyncIterable<string>): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await pipeline(content, createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

try {
  await writeFeatures(readFeaturesConfig(process.argv));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

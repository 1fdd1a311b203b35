/** `npm run simulate`: how many runs of the simulated robot touch nothing, driven by a policy. */
import { fileURLToPath } from "node:url";
import { Command, Option } from "@commander-js/extra-typings";
import { loadPolicies } from "@physical-ai/policy";
import { wholeNumber } from "@physical-ai/service/options";
import { drive } from "./closed-loop.ts";

const options = new Command("npm run simulate --")
  .description("Lets a policy drive the simulated robot, faster than real time, and counts what it touches.")
  .addOption(new Option("--policy <name>", "who drives").default("wall-following"))
  .addOption(new Option("--runs <count>", "seeds 1, 2, 3 …").default(10).argParser(wholeNumber(1)))
  .addOption(new Option("--seconds <number>", "simulated seconds a run").default(120).argParser(wholeNumber(1)))
  .option("--json", "print the reports as one JSON object at the end", false)
  .parse()
  .opts();

const folder = fileURLToPath(new URL("../../brain-worker/policies", import.meta.url));
const policies = await loadPolicies(folder);
const policy = policies.find((candidate) => candidate.name === options.policy);
if (policy === undefined) {
  console.error(`no policy ${options.policy}; there are ${policies.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
const reports = [];
for (let seed = 1; seed <= options.runs; seed++) {
  const report = await drive(policy, seed, options.seconds);
  reports.push(report);
  console.error(`seed ${seed}: ${report.metres.toFixed(1)} m, ${report.collisions} collisions`);
}
const untouched = reports.filter((report) => report.collisions === 0).length;
console.error(`${untouched} of ${options.runs} runs of ${options.seconds} s touched nothing`);
if (options.json) console.log(JSON.stringify({ runs: options.runs, untouched, reports }));

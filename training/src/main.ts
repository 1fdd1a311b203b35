/** `npm run policy`: wires the commands on policies and their models. */

import { policyNamed } from "@physical-ai/policy";
import { messageOf } from "@physical-ai/service/errors";
import { exitOnSignals } from "@physical-ai/service/signals";
import { runCommandLine } from "./config.ts";
import { runEvaluation } from "./evaluate-command.ts";
import { describeFigures } from "./evaluation/report.ts";
import { deploy, rollback } from "./models/deploy.ts";
import { checkPolicies, listPolicies } from "./models/status.ts";

function print(json: boolean, value: unknown, lines: readonly string[]): void {
  console.log(json ? JSON.stringify(value) : lines.join("\n"));
}

const listHeader = `${"policy".padEnd(24)} ${"runtime".padEnd(10)} ${"model".padEnd(12)} ${"since".padEnd(24)} earlier models`;

exitOnSignals();
try {
  await runCommandLine(process.argv.slice(2), {
    async list({ policies, json }) {
      const listed = await listPolicies(policies);
      const lines = listed.map(
        ({ policy, runtime, model_version = "-", since = "", earlier }) =>
          `${policy.padEnd(24)} ${runtime.padEnd(10)} ${model_version.padEnd(12)} ${since.padEnd(24)} ${earlier.length}`,
      );
      print(json, listed, [listHeader, ...lines]);
    },
    async check({ policies, json }) {
      const checked = await checkPolicies(policies);
      const lines = checked.map(
        ({ policy, model_version }) => `${policy.padEnd(24)} ${model_version ?? "runs in a container"}  ok`,
      );
      print(json, checked, lines);
    },
    async deploy(name, model, { policies, json }) {
      const policy = await policyNamed(name, policies, { models: "optional" });
      const { modelVersion, was } = await deploy(policy, model);
      const change = was === modelVersion ? "serves already" : `serves now, instead of ${was ?? "none"}`;
      print(json, { policy: name, model_version: modelVersion, was }, [`${name}: ${modelVersion} ${change}`]);
    },
    async rollback(name, { policies, json }) {
      const policy = await policyNamed(name, policies, { models: "optional" });
      const { modelVersion, was, withdrawn } = await rollback(policy);
      const lines = [`${name}: ${modelVersion} serves again; ${was ?? "none"} lies in ${withdrawn ?? "no file"}`];
      print(json, { policy: name, model_version: modelVersion, was, withdrawn }, lines);
    },
    async evaluate(options) {
      const { figures } = await runEvaluation(options);
      print(options.json, figures, [describeFigures(figures)]);
    },
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

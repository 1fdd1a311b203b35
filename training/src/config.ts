/** The command line of `npm run policy`. Nothing else here reads flags or the environment. */
import { fileURLToPath } from "node:url";
import { Command, Option } from "@commander-js/extra-typings";
import type { DatabaseChoice } from "@physical-ai/db";
import { robotOption, sinceOption, untilOption } from "@physical-ai/export/options";
import { policiesOption } from "@physical-ai/policy/options";
import {
  databaseUrlFileOption,
  databaseUrlOption,
  dataDirOption,
  namedDatabase,
  requireSpan,
} from "@physical-ai/service/options";

/** Seen from `dist` and from `src`. */
export const ownPolicies = fileURLToPath(new URL("../../brain-worker/policies", import.meta.url));

const help = `
Examples:
  npm run policy -- list
  npm run policy -- deploy wall-following new.onnx
  npm run policy -- rollback wall-following
  npm run policy -- evaluate --policy wall-following --model new.onnx --since 2026-03-01 --out diff.csv

A worker that serves the policy takes a deployed model over while it runs, between two packets; its log says so. Policy
files (*.yaml) are read when a worker starts.
Exit codes: 0 done, 1 failed, with the reason on standard error.`;

/** The policies, and how it is told what became of them. */
interface PolicyOptions {
  /** The directory of the policy files. */
  policies: string;
  json: boolean;
}

export interface EvaluateCommandOptions extends PolicyOptions, DatabaseChoice {
  policy: string;
  /** An ONNX file; the policy's own when missing. */
  model?: string | undefined;
  robot?: string[] | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
  label: string;
  labelType?: string | undefined;
  out?: string | undefined;
}

/** The commands of `npm run policy`. */
export interface PolicyCommands {
  list(options: PolicyOptions): Promise<void>;
  check(options: PolicyOptions): Promise<void>;
  deploy(policy: string, model: string, options: PolicyOptions): Promise<void>;
  rollback(policy: string, options: PolicyOptions): Promise<void>;
  evaluate(options: EvaluateCommandOptions): Promise<void>;
}

/** Reads the arguments and calls the command that they name. */
export async function runCommandLine(argv: readonly string[], commands: PolicyCommands): Promise<void> {
  const program = new Command("npm run policy --")
    .description("Policies and their models: which serve, whether they fit, and how they do on stored rows.")
    .addHelpText("after", help);
  const json = () => new Option("--json", "print one JSON object").default(false);

  program
    .command("list")
    .description("the policies, the versions of their models, and since when they serve")
    .addOption(policiesOption(ownPolicies))
    .addOption(json())
    .action((options) => commands.list(options));
  program
    .command("check")
    .description("check every policy file, and run every model once")
    .addOption(policiesOption(ownPolicies))
    .addOption(json())
    .action((options) => commands.check(options));
  program
    .command("deploy")
    .description("check a model and put it into the place of the policy's; that one is kept")
    .argument("<policy>", "the policy's name")
    .argument("<model>", "an ONNX file")
    .addOption(policiesOption(ownPolicies))
    .addOption(json())
    .action((policy, model, options) => commands.deploy(policy, model, options));
  program
    .command("rollback")
    .description("put the model before the last deployment back")
    .argument("<policy>", "the policy's name")
    .addOption(policiesOption(ownPolicies))
    .addOption(json())
    .action((policy, options) => commands.rollback(policy, options));
  program
    .command("evaluate")
    .description("run a model over stored rows, and compare it with labels and with what was predicted then")
    .requiredOption("--policy <name>", "required: the policy whose preprocessing runs")
    .option("--model <file>", "an ONNX file; the policy's own when missing")
    .addOption(robotOption())
    .addOption(sinceOption())
    .addOption(untilOption())
    .option("--label <field>", "the field of val with the label", "label")
    .option("--label-type <type>", "the data type of packets that label what their robot sends from then on")
    .option("--out <file>", "where the rows go that differ most, as *.csv or *.parquet")
    .addOption(policiesOption(ownPolicies))
    .addOption(json())
    .addOption(dataDirOption())
    .addOption(databaseUrlOption())
    .addOption(databaseUrlFileOption())
    .action(({ databaseUrlFile, ...options }) => {
      requireSpan(options);
      return commands.evaluate({ ...options, databaseUrl: namedDatabase({ ...options, databaseUrlFile }) });
    });
  await program.parseAsync([...argv], { from: "user" });
}

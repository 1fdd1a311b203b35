/** The command line of `npm run export`. Nothing else here reads flags or the environment. */
import { fileURLToPath } from "node:url";
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { DatabaseChoice } from "@physical-ai/db";
import { policiesOption } from "@physical-ai/policy/options";
import { messageOf } from "@physical-ai/service/errors";
import {
  databaseUrlFileOption,
  databaseUrlOption,
  dataDirOption,
  namedDatabase,
  readBy,
  requireSpan,
  wholeNumber,
} from "@physical-ai/service/options";
import type { LabelSource } from "./features/examples.ts";
import { parseEpisodeRule } from "./lerobot/episode-rule.ts";
import type { LerobotOptions } from "./lerobot/export-lerobot.ts";
import { parseCamera, parseField, resamplings } from "./lerobot/field.ts";
import { collect, robotOption, sinceOption, untilOption } from "./options.ts";
import { type ExportFormat, exportFormats } from "./rows/export-rows.ts";
import type { TelemetrySelection } from "./rows/selection.ts";
import { type ExportTable, exportTables } from "./rows/tables.ts";

/** Seen from `dist` and from `src`. */
const ownPolicies = fileURLToPath(new URL("../../brain-worker/policies", import.meta.url));

const help = `
Examples:
  npm run export -- --robot EP01_CHASSIS_01 --type imu --since 2026-03-01 --out imu.parquet
  npm run export -- --table predictions --with-inputs --type wall-following --out predictions.csv
  npm run --silent export -- --type battery --format jsonl --out - | head
  npm run export -- --policy wall-following --out features.csv
  npm run export -- --format lerobot --robot EP01 --state ultrasound.ranges,battery@linear \\
    --action command:drive --fps 10 --episodes gap:5s --task "follow the wall" --out dataset

Fields of a packet's value become columns: value, value.acc.0, … A schema file names those that are wanted, and their types:
  {"columns": {"value.acc.0": "double", "value.frame": "text", "value.points": "json"}}
Values that do not fit their column are counted in <out>.report.json and on standard error.
Exit codes: 0 done, 1 failed, with the reason on standard error; there is no file then.`;

/** What to export, and where to. */
export interface ExportConfig extends DatabaseChoice, TelemetrySelection {
  work: RowsChoice | FeaturesChoice | LerobotChoice;
  /** A file, or `-` for standard output; a folder for a LeRobotDataset. */
  out: string;
}

/** Rows as they are, their values flattened into columns. */
export interface RowsChoice {
  kind: "rows";
  table: ExportTable;
  format: ExportFormat;
  withInputs: boolean;
  /** A file that says the columns; they are found by looking at the rows when missing. */
  schema?: string | undefined;
}

/** A policy whose preprocessing runs over the rows, and where they say what they are examples of. */
export interface FeaturesChoice {
  kind: "features";
  policy: string;
  /** The directory of the policy files. */
  policies: string;
  labels: LabelSource;
  /** The field of `val` with the recording that a row belongs to. */
  group: string;
}

/** A robot's rows as episodes of equal steps. */
export interface LerobotChoice extends Omit<LerobotOptions, "out" | "blobFolder"> {
  kind: "lerobot";
}

/** The kinds of exports. Options that go with one of them alone stand under its heading in the help. */
type Kind = ExportConfig["work"]["kind"];

const titles: Readonly<Record<Kind, string>> = {
  rows: "csv, jsonl and parquet",
  features: "--policy",
  lerobot: "--format lerobot",
};
const kinds: readonly Kind[] = ["rows", "features", "lerobot"];

/** The heading over the options of one kind. */
const headingOf = (kind: Kind) => `With ${titles[kind]}:`;

/** Reads the arguments. Prints what is wrong with them and ends the process where something is. */
export function readExportConfig(argv: readonly string[]): ExportConfig {
  const program = exportProgram().parse([...argv], { from: "user" });
  const flags = program.opts();
  const { robot: robots, robotType: robotTypes, type: types, since, until, out, dataDir } = flags;
  const common = { robots, robotTypes, types, since, until, out, dataDir };
  try {
    requireSpan(flags);
    return { ...common, databaseUrl: namedDatabase(flags), work: workOf(program) };
  } catch (error) {
    return program.error(`error: ${messageOf(error)}`);
  }
}

function exportProgram() {
  return new Command("npm run export --")
    .description("From stored rows to files that training reads.")
    .requiredOption("--out <file>", "required: the file to write; - for standard output; the folder of a dataset")
    .addOption(
      new Option("--format <format>", "what to write; as the file's name ends when missing").choices([
        ...exportFormats,
        "lerobot",
      ] as const),
    )
    .addOption(
      new Option(
        "--policy <name>",
        "write the features that this policy is trained on: group, what its own preprocessing makes of the rows, label",
      ).conflicts("format"),
    )
    .addOption(robotOption())
    .addOption(sinceOption())
    .addOption(untilOption())
    .addOption(dataDirOption())
    .addOption(databaseUrlOption())
    .addOption(databaseUrlFileOption())
    .optionsGroup(headingOf("rows"))
    .addOption(new Option("--table <table>", "whose rows").choices(exportTables).default("telemetry" as const))
    .option("--robot-type <types>", "of robots of these types only", collect)
    .option(
      "--type <types>",
      "of these data types only; of predictions these policies, of commands these names",
      collect,
    )
    .option("--with-inputs", "join predictions and commands to the packets that they were made from", false)
    .option("--schema <file>", "the columns and their types, as JSON")
    .optionsGroup(headingOf("features"))
    .addOption(policiesOption(ownPolicies))
    .option("--label <field>", "the field of val with the label", "label")
    .option("--label-type <type>", "the data type of packets that label what follows them")
    .option("--group <field>", "the field of val with the recording; 0 where a row has none", "block")
    .optionsGroup(headingOf("lerobot"))
    .option("--state <fields>", "what the robot knows, [command:|prediction:]type[.path][@method]", collect)
    .option("--action <fields>", "what it does, written as the state is", collect)
    .option("--video <types>", "pictures that become videos, as in image/front=front", collect)
    .addOption(new Option("--fps <frames>", "frames a second").argParser(wholeNumber(1, 1_000)).default(10))
    .addOption(
      new Option("--resample <method>", "the method of fields that name none")
        .choices(resamplings)
        .default("hold" as const),
    )
    .addOption(
      new Option("--episodes <rule>", "command, command:<name>, gap:<time>, or packet")
        .argParser(readBy(parseEpisodeRule))
        .default({ by: "gap", gapMs: 5_000 } as const, "gap:5s"),
    )
    .option("--task <text>", "what the robot was to do; what its command or episode packet says when missing")
    .addHelpText("after", help);
}

type Program = ReturnType<typeof exportProgram>;
type Flags = ReturnType<Program["opts"]>;

function workOf(program: Program): ExportConfig["work"] {
  const flags = program.opts();
  if (flags.policy !== undefined) {
    refuseOthers(program, "features");
    const { policy, policies, label: field, labelType: type, group } = flags;
    return { kind: "features", policy, policies, labels: { field, type }, group };
  }
  if (flags.format === "lerobot") {
    refuseOthers(program, "lerobot");
    return lerobotOf(flags);
  }
  refuseOthers(program, "rows");
  return rowsOf(flags);
}

function rowsOf({ table, withInputs, schema, out, format = formatOf(out) }: Flags): RowsChoice {
  if (withInputs && table === "telemetry") throw new Error("--with-inputs needs --table predictions or commands");
  if (format !== undefined && format !== "lerobot") return { kind: "rows", table, format, withInputs, schema };
  const endings = exportFormats.map((known) => `.${known}`).join(", ");
  throw new Error(`expected --format, or an --out that ends in one of ${endings}; got ${out}`);
}

function lerobotOf({ robot: robots = [], state = [], action = [], video = [], ...flags }: Flags): LerobotChoice {
  const { fps, resample, episodes, task, since, until, out } = flags;
  const [robot, another] = robots;
  if (robot === undefined || another !== undefined) {
    throw new Error(`a dataset is of one robot: expected one --robot; got ${robots.join(", ") || "none"}`);
  }
  if (state.length === 0 || action.length === 0) throw new Error("a dataset needs fields for --state and for --action");
  if (out === "-") throw new Error("a dataset is a folder: expected a path as --out; got -");
  const field = (text: string) => parseField(text, resample);
  const cameras = video.map(parseCamera);
  const twice = cameras.find(({ key }, index) => cameras.findIndex((other) => other.key === key) < index);
  if (twice !== undefined) throw new Error(`expected a name of its own for each video; ${twice.key} comes twice`);
  const fields = { state: state.map(field), action: action.map(field), cameras };
  return { kind: "lerobot", robot, ...fields, fps, episodes, task, since, until };
}

function formatOf(file: string): ExportFormat | undefined {
  return exportFormats.find((format) => file.endsWith(`.${format}`));
}

/**
 * An option that would change nothing is a mistake. What the environment says is meant for all commands.
 *
 * @throws when the command line has an option under the heading of another kind
 */
function refuseOthers(program: CommandUnknownOpts, kind: Kind): void {
  const given = program.options.filter((option) => program.getOptionValueSource(option.attributeName()) === "cli");
  for (const other of kinds) {
    if (other === kind) continue;
    const flag = given.find(({ helpGroupHeading }) => helpGroupHeading === headingOf(other))?.long;
    if (flag !== undefined) throw new Error(`${flag} goes with ${titles[other]}, and not with ${titles[kind]}`);
  }
}

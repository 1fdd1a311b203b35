/** The relay's settings, from flags and environment variables. Nothing else reads either. */
import { hostname } from "node:os";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseVectorColumns, type VectorColumns } from "./sources/replay/columns.ts";
import { formats } from "./sources/replay/format.ts";
import type { Pace } from "./sources/replay/pace.ts";
import type { ReplayOptions } from "./sources/replay/replay-source.ts";
import type { SimulatorSourceOptions } from "./sources/simulator/simulator-source.ts";

/** Where packets come from. */
export type SourceConfig =
  | { kind: "simulator"; options: Required<SimulatorSourceOptions> }
  | { kind: "replay"; options: ReplayOptions };

export interface Config {
  hubUrl: string;
  token: string | undefined;
  relayId: string;
  logLevel: string;
  /** The most memory that packets may take while the hub does not take them. */
  bufferBytes: number;
  source: SourceConfig;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

/**
 * Reads the settings.
 *
 * @param argv as `process.argv`
 * @throws CommanderError after it has printed what is wrong, or the help that was asked for
 */
export function readConfig(argv: readonly string[]): Config {
  const chosen: SourceConfig[] = [];
  const program = relayOptions();
  program.addCommand(
    simulatorCommand((source) => chosen.push(source)),
    { isDefault: true },
  );
  program.addCommand(replayCommand((source) => chosen.push(source)));
  program.parse(argv);
  const [source] = chosen;
  if (source === undefined) throw new Error("expected a source: simulator or replay");
  const { hubUrl, token, relayId, logLevel, bufferMb } = program.opts();
  return { hubUrl, token, relayId, logLevel, bufferBytes: bufferMb * 1024 * 1024, source };
}

function relayOptions() {
  return new Command("relay")
    .description("Reads robots' packets, pushes them to the hub, hands commands to the robots.")
    .exitOverride()
    .addOption(
      new Option("--hub-url <url>", "where the hub listens")
        .env("HUB_URL")
        .default("http://127.0.0.1:3000")
        .argParser(httpUrl),
    )
    .addOption(new Option("--token <token>", "proves the relay to the hub").env("HUB_TOKEN"))
    .addOption(
      new Option("--relay-id <id>", "the relay's name at the hub").env("RELAY_ID").default(`relay-${hostname()}`),
    )
    .addOption(
      new Option("--log-level <level>", "how much is logged")
        .env("LOG_LEVEL")
        .choices(logLevels)
        .default("info" as const),
    )
    .addOption(
      new Option(
        "--buffer-mb <megabytes>",
        "memory for packets that the hub has not committed; the oldest go when it is full",
      )
        .env("RELAY_BUFFER_MB")
        .default(64)
        .argParser(positive),
    );
}

function simulatorCommand(choose: (source: SourceConfig) => void) {
  return new Command("simulator")
    .configureHelp({ showGlobalOptions: true })
    .description("robots in simulated rooms, which obey drive and stop")
    .exitOverride()
    .addOption(new Option("--robots <count>", "how many robots").default(1).argParser(count))
    .addOption(new Option("--robot-id <id>", "the first robot's id; the others add _02, _03 …").default("EP01"))
    .addOption(new Option("--robot-type <type>", "the robots' type").default("EP01"))
    .addOption(new Option("--seed <seed>", "decides the rooms and the sensors' noise").default(1).argParser(seed))
    .action((options) => choose({ kind: "simulator", options }));
}

function replayCommand(choose: (source: SourceConfig) => void) {
  return new Command("replay")
    .configureHelp({ showGlobalOptions: true })
    .description("a recording; ends when the hub has committed all of it")
    .exitOverride()
    .argument("<file>", "the recording")
    .addOption(new Option("--format <format>", "recognised when missing").choices(formats))
    .addOption(new Option("--speed <factor>", "times the recorded speed, or max").conflicts("rate").argParser(speed))
    .addOption(new Option("--rate <hz>", "packets a second").argParser(rate))
    .addOption(new Option("--type <type>", "CSV: the packets' data type"))
    .addOption(new Option("--value <column>", "CSV: the column that is the whole value").conflicts(["vector", "label"]))
    .addOption(
      new Option("--vector <name=columns>", "CSV: a vector of columns, as in ranges=S1..S24 (repeatable)").argParser(
        vector,
      ),
    )
    .addOption(new Option("--label <column>", "CSV: the column that goes to val.label"))
    .addOption(new Option("--hz <hz>", "CSV: rows a second").default(1).argParser(positive))
    .addOption(
      new Option("--timestamps <which>", "packets bear the time of emission or of the recording")
        .choices(["emission", "recorded"] as const)
        .default("emission" as const),
    )
    .addOption(new Option("--robot-id <id>", "the robot of a recording that names none").default("EP01"))
    .addOption(new Option("--robot-type <type>", "its type").default("EP01"))
    .action((file, { format, speed: bySpeed, rate: byRate, timestamps, robotId, robotType, ...csv }) => {
      const columns =
        csv.type === undefined
          ? undefined
          : { type: csv.type, value: csv.value, vectors: csv.vector, label: csv.label, hz: csv.hz };
      const robot = { robotId, robotType };
      choose({ kind: "replay", options: { file, format, columns, pace: bySpeed ?? byRate, timestamps, robot } });
    });
}

function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("expected http://host:port or https://host:port");
  }
  return text;
}

function positive(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError("expected a number above 0");
  return number;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("expected a whole number from 1");
  return Number(text);
}

function seed(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("expected a whole number from 0");
  return Number(text);
}

function speed(text: string): Pace {
  return text === "max" ? { kind: "max" } : { kind: "recorded", speed: positive(text) };
}

function rate(text: string): Pace {
  return { kind: "rate", hz: positive(text) };
}

function vector(text: string, before: VectorColumns[] = []): VectorColumns[] {
  try {
    return [...before, parseVectorColumns(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

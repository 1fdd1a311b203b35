/** The relay's settings, from flags and environment variables. Nothing else reads either. */
import { hostname } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import {
  commaSeparated,
  dataDirOption,
  hubUrlOption,
  logFormatOption,
  logLevelOption,
  positiveNumber,
  readBy,
  type ServiceConfig,
  statusHostOption,
  statusPortOption,
  tokenFileOption,
  tokenOf,
  tokenOption,
  wholeNumber,
} from "@physical-ai/service/options";
import { type FsyncPolicy, groupFsync, parseFsyncPolicy } from "./buffer/disk/fsync-policy.ts";
import { defaultKeptTypes, keptTypes } from "./buffer/disk/kept-types.ts";
import type { DiskLogOptions } from "./buffer/disk-log.ts";
import type { MemoryLogOptions } from "./buffer/memory-log.ts";
import { parseVectorColumns, type VectorColumns } from "./sources/replay/columns.ts";
import { formats } from "./sources/replay/format.ts";
import type { Pace } from "./sources/replay/pace.ts";
import type { ReplayOptions } from "./sources/replay/replay-source.ts";
import type { SimulatorSourceOptions } from "./sources/simulator/simulator-source.ts";

/** Where packets come from. */
export type SourceConfig =
  | { kind: "simulator"; options: Required<SimulatorSourceOptions> }
  | { kind: "replay"; options: ReplayOptions };

/** Where packets wait for the hub. */
export type BufferConfig = { kind: "disk"; options: DiskLogOptions } | { kind: "memory"; options: MemoryLogOptions };

/** The commands of `npm run relay`. */
export interface RelayCommands {
  /** `simulator` and `replay`: pushes what a source gives. */
  relay(config: RelayConfig): Promise<void>;
  /** No hub. */
  print(recording: ReplayOptions): Promise<void>;
}

/** How a relay runs. */
export interface RelayConfig extends ServiceConfig {
  hubUrl: string;
  token: string | undefined;
  relayId: string;
  buffer: BufferConfig;
  source: SourceConfig;
}

/**
 * Reads the arguments and calls the command that they name.
 *
 * @param argv the arguments of the user
 * @throws CommanderError after it has printed what is wrong, or the help that was asked for
 */
export async function runCommandLine(argv: readonly string[], commands: RelayCommands): Promise<void> {
  const program = relayOptions();
  const relay = (source: SourceConfig) => {
    const options = program.opts();
    return commands.relay({ ...options, token: tokenOf(options), buffer: bufferOf(options.relayId, options), source });
  };
  program.addCommand(simulatorCommand(relay));
  program.addCommand(replayCommand(relay));
  program.addCommand(printCommand(commands.print));
  await program.parseAsync([...argv], { from: "user" });
}

function relayOptions() {
  return new Command("npm run relay --")
    .description("Reads robots' packets, pushes them to the hub, hands commands to the robots.")
    .exitOverride()
    .showHelpAfterError("npm run relay -- --help lists the commands and their options.")
    .addOption(hubUrlOption())
    .addOption(tokenOption())
    .addOption(tokenFileOption())
    .addOption(
      new Option("--relay-id <id>", "the relay's name at the hub").env("RELAY_ID").default(`relay-${hostname()}`),
    )
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .addOption(statusPortOption())
    .addOption(statusHostOption())
    .addOption(
      new Option("--buffer <where>", "where packets wait for the hub; those in memory are lost when the relay ends")
        .env("RELAY_BUFFER")
        .choices(["disk", "memory"] as const)
        .default("disk" as const),
    )
    .addOption(dataDirOption("the packets lie in <folder>/relay/<relay id>"))
    .addOption(
      new Option("--disk-quota-mb <megabytes>", "disk for packets that wait; the oldest telemetry goes when it is full")
        .env("RELAY_DISK_QUOTA_MB")
        .default(1_024)
        .argParser(positiveNumber),
    )
    .addOption(
      new Option("--fsync <policy>", "group: a power-off loses nothing; interval:<ms>: that much; never: up to 30 s")
        .env("RELAY_FSYNC")
        .default(groupFsync, "group")
        .argParser(readBy(parseFsyncPolicy)),
    )
    .addOption(
      new Option("--keep-types <types>", "data types that a full disk quota never drops, with commas between them")
        .env("RELAY_KEEP_TYPES")
        .default(defaultKeptTypes, defaultKeptTypes.join(","))
        .argParser(commaSeparated),
    )
    .addOption(
      new Option("--buffer-mb <megabytes>", "memory for packets that wait with --buffer memory; the oldest go")
        .env("RELAY_BUFFER_MB")
        .default(64)
        .argParser(positiveNumber),
    );
}

interface BufferOptions {
  buffer: "disk" | "memory";
  dataDir: string;
  diskQuotaMb: number;
  fsync: FsyncPolicy;
  keepTypes: readonly string[];
  bufferMb: number;
}

function bufferOf(relayId: string, options: BufferOptions): BufferConfig {
  const bytes = (megabytes: number) => megabytes * 1024 * 1024;
  if (options.buffer === "memory") return { kind: "memory", options: { maxBytes: bytes(options.bufferMb) } };
  return {
    kind: "disk",
    options: {
      folder: join(options.dataDir, "relay", folderName(relayId)),
      maxBytes: bytes(options.diskQuotaMb),
      fsync: options.fsync,
      isKept: keptTypes(options.keepTypes),
    },
  };
}

/** A relay's name may hold any character; a folder's may not. */
function folderName(relayId: string): string {
  return encodeURIComponent(relayId).replaceAll(".", "%2E");
}

function simulatorCommand(relay: (source: SourceConfig) => Promise<void>) {
  return new Command("simulator")
    .configureHelp({ showGlobalOptions: true })
    .description("robots in simulated rooms, which obey drive and stop")
    .exitOverride()
    .addOption(new Option("--robots <count>", "how many robots").default(1).argParser(wholeNumber(1)))
    .addOption(new Option("--robot-id <id>", "the first robot's id; the others add _02, _03 …").default("EP01"))
    .addOption(new Option("--robot-type <type>", "the robots' type").default("EP01"))
    .addOption(
      new Option("--seed <seed>", "decides the rooms and the sensors' noise").default(1).argParser(wholeNumber(0)),
    )
    .action((options) => relay({ kind: "simulator", options }));
}

function replayCommand(relay: (source: SourceConfig) => Promise<void>) {
  return recordingCommand("replay", "a recording; ends when the hub has committed all of it")
    .addOption(new Option("--speed <factor>", "times the recorded speed, or max").conflicts("rate").argParser(speed))
    .addOption(new Option("--rate <hz>", "packets a second").argParser(rate))
    .action((file, { speed: bySpeed, rate: byRate, ...options }) =>
      relay({ kind: "replay", options: { ...recordingOf(file, options), pace: bySpeed ?? byRate } }),
    );
}

function printCommand(print: RelayCommands["print"]) {
  return recordingCommand("print", "writes a recording's packets to stdout, one JSON object a line").action(
    (file, options) => print(recordingOf(file, options)),
  );
}

/** A command that reads a recording. */
function recordingCommand(name: string, description: string) {
  return new Command(name)
    .configureHelp({ showGlobalOptions: true })
    .description(description)
    .exitOverride()
    .argument("<file>", "the recording")
    .addOption(new Option("--format <format>", "recognised when missing").choices(formats))
    .addOption(new Option("--type <type>", "CSV: the packets' data type"))
    .addOption(new Option("--value <column>", "CSV: the column that is the whole value").conflicts(["vector", "label"]))
    .addOption(
      new Option(
        "--vector <name=columns>",
        "CSV: a vector of columns, as in ranges=S1..S24 or acc=ax,ay,az (repeatable)",
      ).argParser(vector),
    )
    .addOption(new Option("--label <column>", "CSV: the column that goes to val.label"))
    .addOption(new Option("--hz <hz>", "CSV: rows a second").default(1).argParser(positiveNumber))
    .addOption(
      new Option("--timestamps <which>", "packets bear the time of emission or of the recording")
        .choices(["emission", "recorded"] as const)
        .default("emission" as const),
    )
    .addOption(new Option("--robot-id <id>", "the robot of a recording that names none").default("EP01"))
    .addOption(new Option("--robot-type <type>", "its type").default("EP01"));
}

type RecordingOptions = ReturnType<ReturnType<typeof recordingCommand>["opts"]>;

function recordingOf(file: string, options: RecordingOptions): ReplayOptions {
  const { format, type, value, vector: vectors, label, hz, timestamps, robotId, robotType } = options;
  const columns = type === undefined ? undefined : { type, value, vectors, label, hz };
  return { file, format, columns, timestamps, robot: { robotId, robotType } };
}

function speed(text: string): Pace {
  return text === "max" ? { kind: "max" } : { kind: "recorded", speed: positiveNumber(text) };
}

function rate(text: string): Pace {
  return { kind: "rate", hz: positiveNumber(text) };
}

function vector(text: string, before: VectorColumns[] = []): VectorColumns[] {
  return [...before, readBy(parseVectorColumns)(text)];
}

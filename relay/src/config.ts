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
} from "@physical-ai/service/options";
import { type FsyncPolicy, groupFsync, parseFsyncPolicy } from "./packet-log/disk/fsync-policy.ts";
import { defaultKeptTypes, keptTypes } from "./packet-log/disk/quota.ts";
import type { DiskLogOptions } from "./packet-log/disk-log.ts";
import type { MemoryLogOptions } from "./packet-log/memory-log.ts";
import { sourceCommands } from "./sources/index.ts";
import { printCommand } from "./sources/replay/command-line.ts";
import type { ReplayOptions } from "./sources/replay/replay-source.ts";
import type { SourceConfig } from "./sources/source.ts";

/** Where packets wait for the hub. */
export type BufferConfig = { kind: "disk"; options: DiskLogOptions } | { kind: "memory"; options: MemoryLogOptions };

/** The commands of `npm run relay`. */
export interface RelayCommands {
  /** A kind of source: pushes what it gives. */
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
  for (const command of sourceCommands) program.addCommand(command(relay));
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

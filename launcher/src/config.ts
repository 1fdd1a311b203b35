/** What the command line and the environment say to `npm start`. */
import { Command, Option } from "@commander-js/extra-typings";
import {
  databaseUrlFileOption,
  databaseUrlOption,
  dataDirOption,
  namedDatabase,
  wholeNumber,
  yesOrNo,
} from "@physical-ai/service/options";

/** How the whole system runs on this machine. */
interface LauncherConfig {
  host: string;
  port: number;
  dataDir: string;
  /** The embedded PostgreSQL of the data folder when missing. */
  databaseUrl: string | undefined;
  robots: number;
  seed: number;
  allowAnonymous: boolean;
  /** Runs until stopped when missing. */
  seconds: number | undefined;
  json: boolean;
  /** What every process inherits. */
  environment: NodeJS.ProcessEnv;
}

/** Reads the arguments; prints help or a clear error and ends the process where they ask for that. */
export function readConfig(argv: readonly string[]): LauncherConfig {
  const program = new Command("npm start --")
    .description(
      "Starts PostgreSQL, the hub, a brain worker and a simulated robot, and prints the link to look at them.",
    )
    .addOption(new Option("--host <address>", "where the hub listens").env("HOST").default("127.0.0.1"))
    .addOption(new Option("--port <number>", "of the hub").env("PORT").default(3000).argParser(wholeNumber(1, 65_535)))
    .addOption(dataDirOption("keeps everything; a second start goes on"))
    .addOption(databaseUrlOption())
    .addOption(databaseUrlFileOption())
    .addOption(new Option("--robots <count>", "simulated robots").default(1).argParser(wholeNumber(1, 1_000)))
    .addOption(new Option("--seed <number>", "of the simulated room").default(1).argParser(wholeNumber(1, 2 ** 31)))
    .addOption(
      new Option("--allow-anonymous [yes|no]", "let clients in without a token")
        .env("ALLOW_ANONYMOUS")
        .preset("yes")
        .argParser(yesOrNo)
        .default(false),
    )
    .addOption(new Option("--seconds <number>", "stop after so long").argParser(wholeNumber(1, 86_400)))
    .option("--json", "print what happened as one JSON object at the end", false)
    .parse([...argv], { from: "user" });
  const { databaseUrlFile, ...options } = program.opts();
  return {
    ...options,
    databaseUrl: namedDatabase({ ...options, databaseUrlFile }),
    seconds: options.seconds,
    environment: process.env,
  };
}

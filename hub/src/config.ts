/** What the command line and the environment say to `npm run hub`. */
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import {
  logFormatOption,
  logLevelOption,
  type ServiceConfig,
  statusHostOption,
  statusPortOption,
} from "@physical-ai/service";
import { commaSeparated, readBy, urlOf, wholeNumber, yesOrNo } from "@physical-ai/service/options";
import { Role } from "@physical-ai/unity-protocol";
import { parseOrigin } from "./access/origins.ts";

/** How a hub runs. */
export interface HubConfig extends ServiceConfig {
  host: string;
  port: number;
  databaseUrl: string;
  redisUrl: string | undefined;
  dataDir: string;
  secret: string | undefined;
  secretFile: string;
  /** The operator named the file: then it may be made for any address. */
  secretFileNamed: boolean;
  allowAnonymous: boolean;
  allowedOrigins: readonly string[];
}

/** Whose token to sign, with which secret. */
export type TokenConfig = Pick<HubConfig, "secret" | "secretFile"> & { role: Role; id: string };

/** The commands of `npm run hub`. */
export interface HubCommands {
  serve(config: HubConfig): Promise<void>;
  token(config: TokenConfig): Promise<void>;
}

const dataDir = () => new Option("--data-dir <folder>", "where secret and blobs lie").env("DATA_DIR").default("data");
const secret = () => new Option("--secret <text>", "signs tokens; at least 32 characters").env("HUB_SECRET");
const secretFile = () =>
  new Option("--secret-file <file>", "holds the secret, made when missing; <data-dir>/secret when not named").env(
    "HUB_SECRET_FILE",
  );

/** Reads the arguments and calls the command that they name. */
export async function runCommandLine(argv: readonly string[], commands: HubCommands): Promise<void> {
  const program = new Command("npm run hub --").description("The Socket.IO hub.");
  program
    .command("serve", { isDefault: true })
    .description("run the hub until stopped")
    .addOption(
      new Option("--host <address>", "where to listen; beyond this machine only with a secret or --allow-anonymous")
        .env("HOST")
        .default("127.0.0.1"),
    )
    .addOption(
      new Option("--port <number>", "0 for any free one").env("PORT").default(3000).argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option("--database-url <url>", "postgres://user:password@host:port/database")
        .env("DATABASE_URL")
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--redis-url <url>", "redis://host:port, where hubs on one database meet; without it a hub is alone")
        .env("REDIS_URL")
        .argParser(urlOf("redis", "rediss")),
    )
    .addOption(dataDir())
    .addOption(secret())
    .addOption(secretFile())
    .addOption(
      new Option("--allow-anonymous [yes|no]", "let clients in without a token, as clients of before are")
        .env("ALLOW_ANONYMOUS")
        .preset("yes")
        .argParser(yesOrNo)
        .default(false),
    )
    .addOption(
      new Option("--allowed-origins <origins>", "web pages not of the hub that may connect, with commas between them")
        .env("ALLOWED_ORIGINS")
        .default([], "none")
        .argParser(readBy((text) => commaSeparated(text).map(parseOrigin))),
    )
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .addOption(statusPortOption())
    .addOption(statusHostOption())
    .action((options) =>
      commands.serve({
        ...options,
        redisUrl: options.redisUrl,
        secret: options.secret,
        secretFile: options.secretFile ?? join(options.dataDir, "secret"),
        secretFileNamed: options.secretFile !== undefined,
      }),
    );
  program
    .command("token")
    .description("print a token for a client")
    .addOption(new Option("--role <role>", "what the client is").choices(Role.enum).makeOptionMandatory())
    .requiredOption("--id <id>", "the client's id; relays and workers must register with it")
    .addOption(dataDir())
    .addOption(secret())
    .addOption(secretFile())
    .action((options) =>
      commands.token({
        role: options.role,
        id: options.id,
        secret: options.secret,
        secretFile: options.secretFile ?? join(options.dataDir, "secret"),
      }),
    );
  // A word that is no command would be taken for an argument of `serve`, which then complains of what it misses.
  program.hook("preSubcommand", ({ args: [word = "serve"], commands: known }) => {
    const names = known.map((command) => command.name());
    if (word.startsWith("-") || ["help", ...names].includes(word)) return;
    program.error(`error: expected one of the commands ${names.join(", ")}; got ${word}`);
  });
  await program.parseAsync([...argv], { from: "user" });
}

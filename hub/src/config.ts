/** What the command line and the environment say to `npm run hub`. */
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import {
  commaSeparated,
  type DatabaseFlags,
  databaseUrlFileOption,
  databaseUrlForm,
  databaseUrlOption,
  dataDirOption,
  logFormatOption,
  logLevelOption,
  namedDatabase,
  readBy,
  type ServiceConfig,
  statusHostOption,
  statusPortOption,
  textIn,
  urlOf,
  wholeNumber,
  yesOrNo,
} from "@physical-ai/service/options";
import { Role } from "@physical-ai/unity-protocol";
import { parseOrigin } from "./door/access/access.ts";
import type { ServiceAccessOptions } from "./door/access/service-access.ts";
import type { Identity } from "./door/access/tokens.ts";

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
  /** How people reach the hub; without it no link is printed for them. */
  publicUrl: string | undefined;
}

/** Whose token to sign, with which secret. */
export type TokenConfig = Pick<HubConfig, "secret" | "secretFile"> & { role: Role; id: string };

/** The commands of `npm run hub`. */
export interface HubCommands {
  serve(config: HubConfig): Promise<void>;
  token(config: TokenConfig): Promise<void>;
  access(options: ServiceAccessOptions): Promise<void>;
}

const dataDir = () => dataDirOption("where secret and blobs lie");
const secret = () => new Option("--secret <text>", "signs tokens; at least 32 characters").env("HUB_SECRET");
const secretFile = () =>
  new Option("--secret-file <file>", "holds the secret, made when missing; <data-dir>/secret when not named").env(
    "HUB_SECRET_FILE",
  );

/** Reads the arguments and calls the command that they name. */
export async function runCommandLine(argv: readonly string[], commands: HubCommands): Promise<void> {
  const program = new Command("npm run hub --").description("The Socket.IO hub.");
  addServe(program, commands);
  addToken(program, commands);
  addAccess(program, commands);
  // A word that is no command would be taken for an argument of `serve`, which then complains of what it misses.
  program.hook("preSubcommand", ({ args: [word = "serve"], commands: known }) => {
    const names = known.map((command) => command.name());
    if (word.startsWith("-") || ["help", ...names].includes(word)) return;
    program.error(`error: expected one of the commands ${names.join(", ")}; got ${word}`);
  });
  await program.parseAsync([...argv], { from: "user" });
}

function addServe(program: Command, commands: HubCommands): void {
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
    .addOption(databaseUrlOption("needed, here or in a file"))
    .addOption(databaseUrlFileOption())
    .addOption(
      new Option("--redis-url <url>", "redis://host:port, where hubs on one database meet; without it a hub is alone")
        .env("REDIS_URL")
        .argParser(urlOf("redis", "rediss")),
    )
    .addOption(
      new Option("--redis-url-file <file>", "holds the URL of Redis, where none is given")
        .env("REDIS_URL_FILE")
        .argParser((file) => urlOf("redis", "rediss")(textIn(file))),
    )
    .addOption(dataDir())
    .addOption(secret())
    .addOption(secretFile())
    .addOption(
      new Option("--allow-anonymous [yes|no]", "let clients in without a token, as legacy clients are")
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
    .addOption(
      new Option("--public-url <url>", "how people reach the hub; it prints a link with a viewer's token for them")
        .env("PUBLIC_URL")
        .argParser(urlOf("http", "https")),
    )
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .addOption(statusPortOption())
    .addOption(statusHostOption())
    .action(({ databaseUrlFile, redisUrlFile, ...options }) =>
      commands.serve({
        ...options,
        databaseUrl: requiredDatabase({ ...options, databaseUrlFile }),
        redisUrl: options.redisUrl ?? redisUrlFile,
        publicUrl: options.publicUrl,
        secret: options.secret,
        secretFile: options.secretFile ?? join(options.dataDir, "secret"),
        secretFileNamed: options.secretFile !== undefined,
      }),
    );
}

function addToken(program: Command, commands: HubCommands): void {
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
}

function addAccess(program: Command, commands: HubCommands): void {
  program
    .command("access")
    .description("make what services that are deployed together prove themselves with, where it is missing")
    .argument("<folder>", "each service gets a folder of its own in it")
    .requiredOption("--database-url <url>", "the hub's database, without the password: it is made, too")
    .requiredOption("--redis-url <url>", "where hubs meet, likewise")
    .addOption(
      new Option("--client <role:id>", "whose token to make (repeatable)").argParser(client).default([], "none"),
    )
    .action((folder, { client: clients, ...options }) => commands.access({ ...options, folder, clients }));
}

function requiredDatabase(flags: DatabaseFlags): string {
  const url = namedDatabase(flags);
  if (url !== undefined) return url;
  throw new Error(`expected --database-url or --database-url-file with ${databaseUrlForm}; got neither`);
}

/** Adds a client, as in `relay:pi-1`. Its id is to be the name of a folder. */
function client(text: string, before: readonly Identity[] = []): readonly Identity[] {
  const [, role, id] = /^(\w+):([\w-]+)$/.exec(text) ?? [];
  const known = Role.enum.find((name) => name === role);
  if (known !== undefined && id !== undefined) return [...before, { role: known, id }];
  throw new InvalidArgumentError(
    `expected one of ${Role.enum.join(", ")}, a colon and an id of letters, digits, - and _`,
  );
}

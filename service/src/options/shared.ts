/** The options that commands of several rooms have, each declared once, and what they say. */
import { Option } from "@commander-js/extra-typings";
import type { LogFormat } from "../logger.ts";
import { folder, textIn, urlOf, wholeNumber } from "./values.ts";

// Of every long-running process.

/** What the options of every service say. */
export interface ServiceConfig {
  logLevel: string;
  logFormat?: LogFormat | undefined;
  statusHost: string;
  /** No status port when missing. */
  statusPort?: number | undefined;
}

export const logLevelOption = () =>
  new Option("--log-level <level>", "what to log")
    .env("LOG_LEVEL")
    .choices(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info");

export const logFormatOption = () =>
  new Option("--log-format <format>", "pretty for people, json for machines; by default pretty on a terminal")
    .env("LOG_FORMAT")
    .choices(["json", "pretty"] as const);

export const statusPortOption = () =>
  new Option("--status-port <number>", "serves /healthz and /metrics there, without a token; 0 for any free one")
    .env("STATUS_PORT")
    .argParser(wholeNumber(0, 65_535));

export const statusHostOption = () =>
  new Option("--status-host <address>", "where the status port listens").env("STATUS_HOST").default("127.0.0.1");

// Of relays and brain workers: where the hub is, and what proves a client to it.

export const hubUrlOption = () =>
  new Option("--hub-url <url>", "where the hub listens")
    .env("HUB_URL")
    .default("http://127.0.0.1:3000")
    .argParser(urlOf("http", "https", "ws", "wss"));

export const tokenOption = () =>
  new Option("--token <token>", "proves who this is; needed unless the hub allows anonymous clients").env("HUB_TOKEN");

export const tokenFileOption = () =>
  new Option("--token-file <file>", "holds the token, where none is given").env("HUB_TOKEN_FILE").argParser(textIn);

/** What the options of a token say. */
interface TokenFlags {
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/** The token that was given; an empty variable, as in an env file, gives none. */
export const tokenOf = ({ token, tokenFile }: TokenFlags): string | undefined => token || tokenFile;

// Of whatever works on a data folder or a database.

export const databaseUrlForm = "postgres://user:password@host:port/database";

/** @param contents what the command has there */
export const dataDirOption = (contents = "where the data lies") =>
  new Option("--data-dir <folder>", contents).env("DATA_DIR").default("data").argParser(folder);

/** @param whenMissing what becomes of the command without it */
export const databaseUrlOption = (whenMissing = "the data folder's own when missing") =>
  new Option("--database-url <url>", `${databaseUrlForm}; ${whenMissing}`).env("DATABASE_URL");

export const databaseUrlFileOption = () =>
  new Option("--database-url-file <file>", "holds the database's URL, where none is given")
    .env("DATABASE_URL_FILE")
    .argParser(textIn);

/** What the options of a database say. */
export interface DatabaseFlags {
  databaseUrl?: string | undefined;
  databaseUrlFile?: string | undefined;
}

/**
 * The URL that was given; an empty variable, as in an env file, gives none.
 *
 * @throws when it is no URL of a database; what came is not repeated, for it may hold a password
 */
export function namedDatabase({ databaseUrl, databaseUrlFile }: DatabaseFlags): string | undefined {
  const url = databaseUrl || databaseUrlFile;
  if (url === undefined || /^postgres(ql)?:\/\//.test(url)) return url;
  throw new Error(`expected --database-url or --database-url-file with ${databaseUrlForm}; got something else`);
}

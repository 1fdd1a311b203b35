/** The options that every long-running process has. */
import { Option } from "@commander-js/extra-typings";
import type { LogFormat } from "../logger.ts";
import { wholeNumber } from "./values.ts";

/** What these options say. */
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

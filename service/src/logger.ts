/** Logs: one line a thing, readable on a terminal, JSON for machines. */
import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type LogFormat = "json" | "pretty";

export interface LoggerOptions {
  /** Who speaks. */
  name: string;
  /** One of pino's levels, or `silent`. */
  level: string;
  /** `pretty` on a terminal and `json` elsewhere when missing. */
  format?: LogFormat | undefined;
}

/** Makes a logger that writes to stdout before it returns: a process that dies has said its last words. */
export function createLogger({ name, level, format }: LoggerOptions): Logger {
  const isPretty = format === undefined ? process.stdout.isTTY : format === "pretty";
  if (!isPretty) return pino({ name, level });
  const stream = pretty({ sync: true, singleLine: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss.l" });
  return pino({ name, level }, stream);
}

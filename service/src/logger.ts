/** Logs: one line a thing, readable on a terminal, JSON for machines. */
import { type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";

export type LogFormat = "json" | "pretty";

interface LoggerOptions {
  /** Who speaks. */
  name: string;
  /** One of pino's levels, or `silent`. */
  level: string;
  /** `pretty` on a terminal and `json` elsewhere when missing. */
  format?: LogFormat | undefined;
}

/** It writes to stdout before it returns: a process that dies has said its last words. */
export function createLogger({ name, level, format }: LoggerOptions): Logger {
  const isPretty = format === undefined ? process.stdout.isTTY : format === "pretty";
  const options = { name, level, base: {} };
  if (!isPretty) return pino({ ...options, timestamp: stdTimeFunctions.isoTime, formatters: { level: levelByName } });
  return pino(options, pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss.l" }));
}

/** People read JSON, too, and search it for `error`. */
const levelByName = (level: string) => ({ level });

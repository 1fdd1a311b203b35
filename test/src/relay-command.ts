/** `npm run relay` as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a relay writes about itself: one JSON object a line. */
export interface LogLine {
  msg: string;
  level: number;
  problem?: string;
}

/** A relay that runs, or has run. Whoever starts it kills it, should it not have ended by itself. */
export interface RelayCommand {
  process: ChildProcess;
  /** So far. */
  readonly log: readonly LogLine[];
  /** What it has written to stderr so far. */
  readonly complaints: string;
  /** Resolves with its exit code. */
  ended: Promise<number | null>;
}

const program = fileURLToPath(import.meta.resolve("@physical-ai/relay")).replace(/index\.js$/, "main.js");

/** Starts a relay with these arguments, and without settings from the environment. */
export function runRelay(...args: readonly string[]): RelayCommand {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [program, ...args], { env: { PATH }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaints += text;
  });
  return {
    process: child,
    get log() {
      const lines = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
      return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    },
    get complaints() {
      return complaints;
    },
    ended: once(child, "close").then(([code]) => code),
  };
}

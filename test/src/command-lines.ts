/** `npm run relay`, `export` and `policy` as processes of their own. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const programOf = (room: "export" | "relay" | "training") =>
  fileURLToPath(new URL("main.js", import.meta.resolve(`@physical-ai/${room}`)));

/** What a relay writes about itself: one JSON object a line. */
interface LogLine {
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

/** Starts a relay with these arguments, and without settings from the environment. */
export function runRelay(...args: readonly string[]): RelayCommand {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [programOf("relay"), ...args], {
    env: { PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
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

/** The file of `npm run export`. */
export const exportProgram = programOf("export");

/** A running export, and what it will have said. */
export interface ExportProcess {
  process: ChildProcessWithoutNullStreams;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export function startExport(databaseUrl: string, ...args: readonly string[]): ExportProcess {
  const child = spawn(process.execPath, [exportProgram, "--database-url", databaseUrl, ...args]);
  const ended = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code, stdout, stderr }),
  );
  return { process: child, ended };
}

/** Runs `npm run export` or `npm run policy` to its end, without settings from the environment; what it printed. */
export async function runTraining(command: "export" | "policy", ...args: readonly string[]): Promise<string> {
  const program = programOf(command === "policy" ? "training" : command);
  const { PATH } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    env: { PATH },
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** `npm run export` as a process. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The command's file. */
export const exportProgram = fileURLToPath(new URL("export.js", import.meta.resolve("@physical-ai/training")));

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

/** The programs beside these tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The path of a Python program. */
export function pythonProgram(name: string): string {
  return fileURLToPath(new URL(`python/${name}`, import.meta.url));
}

/** A program of Node as a process of its own. Whoever starts it stops it. */
export interface NodeProgram {
  /** What it printed first. */
  readonly said: string;
  readonly process: ChildProcess;
  /** As a crash does. */
  kill(): Promise<void>;
}

/** Starts a program, and resolves when it has said something. */
export async function startNodeProgram(name: string, ...args: readonly string[]): Promise<NodeProgram> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [said] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
  ]);
  return {
    said,
    process: child,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

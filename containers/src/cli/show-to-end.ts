/** Shows what a command in a container says, until it ends or Ctrl-C ends it. */
import type { ExecStream } from "../exec.ts";

/** @returns its exit code */
export async function showToEnd(command: ExecStream): Promise<number> {
  const kill = () => void command.kill();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, kill);
  for await (const { stream, line } of command) process[stream].write(`${line}\n`);
  return command.exitCode();
}

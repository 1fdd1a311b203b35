/** `npm run export` and `npm run policy` as processes of their own. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a command of the training room to its end, without settings from the environment; what it printed. */
export async function runTraining(command: "export" | "policy", ...args: readonly string[]): Promise<string> {
  const program = fileURLToPath(import.meta.resolve("@physical-ai/training")).replace(/index\.js$/, `${command}.js`);
  const { PATH } = process.env;
  const { stdout } = await run(process.execPath, [program, ...args], { env: { PATH }, maxBuffer: 2 ** 26 });
  return stdout;
}

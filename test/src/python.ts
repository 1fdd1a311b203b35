/** A Python with the containers' package and its needs, in an environment of its own that is made once. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lock } from "proper-lockfile";

const project = fileURLToPath(new URL("../../containers/images/python", import.meta.url));
const trainingNeeds = fileURLToPath(new URL("../../training/scripts/requirements.txt", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));
const enough = "import ensurepip, sys; print(*sys.version_info[:3], sep='.'); sys.exit(sys.version_info < (3, 10))";
const dataPackages = ["numpy>=2.1,<3", "pandas>=2.2,<4", "pyarrow>=18", "imageio-ffmpeg>=0.6"];
const run = promisify(execFile);

/** Whether this machine has a Python that the containers' package runs on. */
export function hasPython(): boolean {
  try {
    versionOf("python3");
    return true;
  } catch {
    console.warn("skipped: no python3 >= 3.10 with venv on the PATH (apt-get install python3-venv)");
    return false;
  }
}

/** Makes the environment where it is missing or the package's needs have changed; the interpreter's path. */
export function preparePython(): Promise<string> {
  return prepareEnvironment("python", readFileSync(join(project, "pyproject.toml"), "utf8"), ["--editable", project]);
}

/** An environment with what the AI team reads exports with, and an ffmpeg; the interpreter's path. */
export function prepareDataPython(): Promise<string> {
  return prepareEnvironment("data-python", dataPackages.join(), dataPackages);
}

/** An environment for the training scripts; the interpreter's path. */
export function prepareTrainingPython(): Promise<string> {
  return prepareEnvironment("training", readFileSync(trainingNeeds, "utf8"), ["--requirement", trainingNeeds]);
}

/** Environments are made by one process at a time: test files run side by side, and may need the same one. */
async function prepareEnvironment(name: string, needs: string, packages: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(versionOf("python3")).update(needs);
  const folder = join(cache, `${name}-${hash.digest("hex").slice(0, 12)}`);
  const python = join(folder, "bin", "python");
  const ready = join(folder, "ready");
  if (existsSync(ready)) return python;
  await mkdir(cache, { recursive: true });
  const unlock = await lockFile(folder);
  try {
    if (existsSync(ready)) return python;
    // What an interrupted run left is not mended, but made anew: `ready` is written last.
    await rm(folder, { recursive: true, force: true });
    await run("python3", ["-m", "venv", folder]);
    await run(python, ["-m", "pip", "install", "--quiet", ...packages]);
    await writeFile(ready, "");
    return python;
  } finally {
    await unlock();
  }
}

/** Whoever dies with the lock gives it up: it goes stale when it is not touched any more. Installing may take minutes. */
const lockFile = (folder: string) =>
  lock(folder, { realpath: false, stale: 30_000, retries: { forever: true, minTimeout: 200, maxTimeout: 1_000 } });

/** A Python program that serves. Whoever starts it stops it. */
export interface PythonServer {
  /** What it printed first. */
  readonly endpoint: string;
  readonly process: ChildProcess;
  /** As a crash does. */
  kill(): Promise<void>;
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a program, and resolves when it has printed where it listens. */
export async function startPythonServer(...args: readonly string[]): Promise<PythonServer> {
  const child = spawn(await preparePython(), args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [endpoint] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(([code]) => Promise.reject(new Error(`${args.join(" ")} ended with ${code}`))),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    endpoint,
    process: child,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

/** Runs a program to its end; what it printed. */
export async function runPython(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(await preparePython(), args);
  return stdout;
}

/** Runs a program that reads exports to its end; what it printed. */
export async function runDataPython(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(await prepareDataPython(), args);
  return stdout;
}

/** Runs a training script to its end; what it printed. */
export async function runTrainingPython(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(await prepareTrainingPython(), args);
  return stdout;
}

function versionOf(python: string): string {
  return execFileSync(python, ["-c", enough], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

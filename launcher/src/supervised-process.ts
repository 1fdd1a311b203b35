/** A program as a process that comes back when it dies, until it has done its work or is stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Supervised, Supervisor } from "@physical-ai/service/supervisor";

/** The rooms that are programs. */
export type Room = "db" | "hub" | "brain-worker" | "relay";

/** The file that `node` runs for a room. */
export function programOf(room: Room): string {
  return fileURLToPath(new URL("main.js", import.meta.resolve(`@physical-ai/${room}`)));
}

/** What to run. */
interface ProcessPlan {
  name: string;
  /** A compiled program of this project. */
  program: string;
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Gets everything that the process prints. */
  logFile: string;
}

/** How a process ended that was to go on: by itself, by a signal, or before it could begin. */
export interface Death {
  name: string;
  /** Null when a signal ended it, or it could not begin. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it said on stderr, or why it could not begin. What was killed had no say in it: empty. */
  lastWords: string;
}

/** As in `code 1: the port is taken`, or `SIGKILL`. */
export function describeDeath({ code, signal, lastWords }: Death): string {
  const how = code === null ? signal : `code ${code}`;
  return [how, lastWords].filter((part) => part !== null && part !== "").join(": ");
}

const backoff = { firstMs: 200, longestMs: 5_000 };
/** A process that ran so long has recovered. */
const healthyMs = 10_000;
const stopPatienceMs = 10_000;
const longestLastWords = 2_000;
const lastLines = 5;

/** Starts at once, and again until it ends with code 0. Whoever makes one stops it. */
export class SupervisedProcess {
  readonly name: string;
  readonly #supervisor: Supervisor<Child, Death>;
  #lastMessage: unknown;

  /** @param onDeath told each time it dies before it ended with code 0 */
  constructor(plan: ProcessPlan, onDeath: (death: Death) => void) {
    this.name = plan.name;
    const onMessage = (message: unknown) => {
      this.#lastMessage = message;
    };
    this.#supervisor = new Supervisor<Child, Death>({
      start: () => new Child(plan, onMessage),
      backoff,
      healthyMs,
      isDone: ({ code }) => code === 0,
      onGone: onDeath,
    });
  }

  /** Of the process that runs now, if one does. */
  get pid(): number | undefined {
    return this.#supervisor.current?.pid;
  }

  /** What it last said to its parent. */
  get lastMessage(): unknown {
    return this.#lastMessage;
  }

  /** Resolves when it has ended for good: with code 0, or stopped. */
  get ended(): Promise<void> {
    return this.#supervisor.ended;
  }

  /** Asks it to end, waits, and ends it by force when it takes too long. */
  stop(): Promise<void> {
    return this.#supervisor.close();
  }
}

/** One process, from its start to its end. */
class Child implements Supervised<Death> {
  readonly gone: Promise<Death>;
  readonly #child: ChildProcess;

  constructor(plan: ProcessPlan, onMessage: (message: unknown) => void) {
    this.#child = spawnLogged(plan);
    this.#child.on("message", onMessage);
    this.gone = deathOf(plan.name, this.#child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async close(): Promise<void> {
    this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), stopPatienceMs);
    await this.gone;
    clearTimeout(force);
  }
}

function spawnLogged({ program, args, environment, logFile }: ProcessPlan): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: environment,
    // A group of its own: Ctrl-C reaches the launcher alone, which stops everyone in order. By the IPC channel they
    // notice when the launcher dies without a word.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once("close", () => log.end());
  return child;
}

function deathOf(name: string, child: ChildProcess): Promise<Death> {
  const lastWords = endOfOutput(child.stderr);
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve({ name, code: null, signal: null, lastWords: message }));
    child.once("exit", (code, signal) => resolve({ name, code, signal, lastWords: code === null ? "" : lastWords() }));
  });
}

/** Returns what tells the last lines that came. */
function endOfOutput(output: Readable | null): () => string {
  let text = "";
  output?.on("data", (chunk) => {
    text = `${text}${chunk}`.slice(-longestLastWords);
  });
  return () => text.trimEnd().split("\n").slice(-lastLines).join("\n");
}

/** A process that comes back when it dies, until it has done its work or is stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** What to run. */
export interface ProcessPlan {
  name: string;
  /** A compiled program of this project. */
  program: string;
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Gets everything that the process prints. */
  logFile: string;
}

/** A process under supervision. */
export interface SupervisedProcess {
  readonly name: string;
  /** Of the process that runs now, if one does. */
  readonly pid: number | undefined;
  /** What it last said to its parent. */
  readonly lastMessage: unknown;
  /** Resolves when it has ended for good: with code 0, or stopped. */
  readonly ended: Promise<void>;
  /** Asks it to end, waits, and ends it by force when it takes too long. */
  stop(): Promise<void>;
}

const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** A process that ran so long has recovered: the next pause is short again. */
const healthyMs = 10_000;
const stopPatienceMs = 10_000;
const longestLastWords = 2_000;
const lastLines = 5;

/** How a process ended that was to go on: by itself, by a signal, or before it could begin. */
export interface Death {
  name: string;
  /** Null when a signal ended it, or it could not begin. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it said on stderr, or why it could not begin. What was killed had no say in it: empty. */
  lastWords: string;
}

/** Told when a process dies. */
export type OnDeath = (death: Death) => void;

/** As in `code 1: the port is taken`, or `SIGKILL`. */
export function describeDeath({ code, signal, lastWords }: Death): string {
  const how = code === null ? signal : `code ${code}`;
  return [how, lastWords].filter((part) => part !== null && part !== "").join(": ");
}

/** Starts a process and keeps it running until it ends with code 0. `onDeath` is told each time it dies before that. */
export function supervise(plan: ProcessPlan, onDeath: OnDeath): SupervisedProcess {
  let child: ChildProcess | undefined;
  let lastMessage: unknown;
  let stopping = false;
  const wake = new AbortController();
  const ended = keepRunning();

  async function keepRunning(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!stopping) {
      const startedAt = Date.now();
      child = start(plan);
      child.on("message", (message) => {
        lastMessage = message;
      });
      const end = await endOf(child);
      child = undefined;
      if (stopping || end.code === 0) return;
      onDeath({ name: plan.name, ...end });
      if (Date.now() - startedAt > healthyMs) pauseMs = firstPauseMs;
      await sleep(pauseMs, undefined, { signal: wake.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  return {
    name: plan.name,
    get pid() {
      return child?.pid;
    },
    get lastMessage() {
      return lastMessage;
    },
    ended,
    async stop() {
      stopping = true;
      wake.abort();
      child?.kill("SIGTERM");
      const force = setTimeout(() => child?.kill("SIGKILL"), stopPatienceMs);
      await ended;
      clearTimeout(force);
    },
  };
}

function start({ program, args, environment, logFile }: ProcessPlan): ChildProcess {
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

function endOf(child: ChildProcess): Promise<Omit<Death, "name">> {
  const lastWords = endOfOutput(child.stderr);
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve({ code: null, signal: null, lastWords: message }));
    child.once("exit", (code, signal) => resolve({ code, signal, lastWords: code === null ? "" : lastWords() }));
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

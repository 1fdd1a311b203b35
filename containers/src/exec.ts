/** Runs commands in containers. */
import { setTimeout as sleep } from "node:timers/promises";
import { validateCreated, validateExec } from "./answers.ts";
import { demultiplex, type OutputChunk } from "./demultiplex.ts";
import type { Engine } from "./engine.ts";
import { DockerError, unless } from "./errors.ts";
import { createLineSplitter } from "./lines.ts";
import type { OwnContainers } from "./own-containers.ts";

/** What to run. */
export interface ExecRequest {
  /** A program and its arguments, as they are: no shell reads them. */
  readonly command: readonly string[];
  readonly workdir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The image's when missing. */
  readonly user?: string;
}

/** All that a command said. Output is UTF-8. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 126 and 127: it could not be run; `stdout` says why. */
  readonly exitCode: number;
}

export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  /** Without its line feed. */
  readonly line: string;
}

/** What a command says, while it says it. Whoever leaves the loop before its end ends the command. */
export interface ExecStream extends AsyncIterable<OutputLine> {
  /** Once the loop has come to its end. */
  exitCode(): Promise<number>;
  /** Ends the command, and so the loop. */
  kill(): Promise<void>;
}

/** The call about commands. */
export interface Exec {
  /** @throws DockerError `container_missing`, `not_ours`, `not_running` */
  execCommand(id: string, request: ExecRequest & { readonly stream?: false }): Promise<ExecResult>;
  execCommand(id: string, request: ExecRequest & { readonly stream: true }): Promise<ExecStream>;
}

/** Says its process id before it becomes the command: so it can be ended. */
const selfNaming = ["sh", "-c", 'echo $$; exec "$@"', "sh"];
const exitPollMs = 10;

interface Running {
  readonly output: AsyncIterable<OutputChunk>;
  exitCode(): Promise<number>;
}

export function createExec(engine: Engine, ownContainers: OwnContainers): Exec {
  async function begin(id: string, { command, workdir, environment = {}, user }: ExecRequest): Promise<Running> {
    const { info } = await ownContainers.findRunning(id);
    const exec = {
      Cmd: [...command],
      AttachStdout: true,
      AttachStderr: true,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ...(workdir === undefined ? {} : { WorkingDir: workdir }),
      ...(user === undefined ? {} : { User: user }),
    };
    const made = await engine.ask(validateCreated, (docker) => docker.getContainer(info.id).exec(exec), {
      409: () => new DockerError("not_running", `container ${info.name} must run for that: start it first`),
    });
    return {
      output: demultiplex(engine.stream((docker) => docker.getExec(made.id).start({}))),
      exitCode: () => exitCodeOf(made.id),
    };
  }

  /** The engine notices the end a moment after the last output. */
  async function exitCodeOf(execId: string): Promise<number> {
    for (;;) {
      const { Running, ExitCode } = await engine.ask(validateExec, (docker) => docker.getExec(execId).inspect());
      if (Running) await sleep(exitPollMs);
      else if (typeof ExitCode === "number") return ExitCode;
      else throw new DockerError("not_running", "nobody knows how the command ended: its container went before");
    }
  }

  async function run(id: string, request: ExecRequest): Promise<ExecResult> {
    const { output, exitCode } = await begin(id, request);
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    const text = { stdout: "", stderr: "" };
    for await (const { stream, bytes } of output) text[stream] += decoders[stream].decode(bytes, { stream: true });
    return {
      stdout: text.stdout + decoders.stdout.decode(),
      stderr: text.stderr + decoders.stderr.decode(),
      exitCode: await exitCode(),
    };
  }

  async function stream(id: string, request: ExecRequest): Promise<ExecStream> {
    const { output, exitCode } = await begin(id, { ...request, command: [...selfNaming, ...request.command] });
    const lines = byStream(output);
    const { pid, early } = await readPid(lines);

    let ended = false;
    async function kill(): Promise<void> {
      if (!ended) await run(id, { command: ["kill", pid] }).catch(unless("not_running"));
    }
    async function* untilLeft(): AsyncGenerator<OutputLine, void> {
      try {
        yield* early;
        yield* lines;
        ended = true;
      } finally {
        await kill();
        await lines.return();
      }
    }
    return { [Symbol.asyncIterator]: untilLeft, exitCode, kill };
  }

  function execCommand(id: string, request: ExecRequest & { stream?: false }): Promise<ExecResult>;
  function execCommand(id: string, request: ExecRequest & { stream: true }): Promise<ExecStream>;
  function execCommand(id: string, request: ExecRequest & { stream?: boolean }): Promise<ExecResult | ExecStream> {
    return request.stream ? stream(id, request) : run(id, request);
  }
  return { execCommand };
}

/** The first line of stdout. Lines of stderr may be read before it: the engine keeps the order within each stream only. */
async function readPid(lines: AsyncGenerator<OutputLine, void>): Promise<{ pid: string; early: OutputLine[] }> {
  const early: OutputLine[] = [];
  for (;;) {
    const { done, value } = await lines.next();
    if (!done && value.stream === "stdout" && /^\d+$/.test(value.line)) return { pid: value.line, early };
    if (done || value.stream === "stdout") {
      const said = [...early, ...(done ? [] : [value])].map(({ line }) => line).join("\n");
      throw new DockerError("refused", `the command could not be run: ${said || "it said nothing"}`);
    }
    early.push(value);
  }
}

/** Each stream has lines of its own. */
async function* byStream(output: AsyncIterable<OutputChunk>): AsyncGenerator<OutputLine, void> {
  const splitters = { stdout: createLineSplitter(), stderr: createLineSplitter() };
  for await (const { stream, bytes } of output) {
    for (const line of splitters[stream].push(bytes)) yield { stream, line };
  }
  for (const stream of ["stdout", "stderr"] as const) {
    for (const line of splitters[stream].end()) yield { stream, line };
  }
}

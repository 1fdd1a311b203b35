/** Runs commands in containers. */
import { setTimeout as sleep } from "node:timers/promises";
import { validateCreated, validateExec } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError, unless } from "./engine/errors.ts";
import { demultiplex, linesByStream, type OutputChunk, type OutputLine } from "./engine/output.ts";
import type { OwnContainers } from "./own-containers.ts";

/** What to run. */
interface ExecRequest {
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

/** What a command says, while it says it. Whoever leaves the loop before its end ends the command. */
export class ExecStream implements AsyncIterable<OutputLine> {
  readonly #early: readonly OutputLine[];
  readonly #lines: AsyncGenerator<OutputLine, void>;
  readonly #command: { kill(): Promise<unknown>; exitCode(): Promise<number> };
  #ended = false;

  /** @param early what was read before the rest of the lines */
  constructor(
    early: readonly OutputLine[],
    lines: AsyncGenerator<OutputLine, void>,
    command: { kill(): Promise<unknown>; exitCode(): Promise<number> },
  ) {
    this.#early = early;
    this.#lines = lines;
    this.#command = command;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputLine, void> {
    try {
      yield* this.#early;
      yield* this.#lines;
      this.#ended = true;
    } finally {
      await this.kill();
      await this.#lines.return();
    }
  }

  /** Once the loop has come to its end. */
  exitCode(): Promise<number> {
    return this.#command.exitCode();
  }

  /** Ends the command, and so the loop. */
  async kill(): Promise<void> {
    if (!this.#ended) await this.#command.kill();
  }
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
    const lines = linesByStream(output);
    const { pid, early } = await readPid(lines);
    const kill = () => run(id, { command: ["kill", pid] }).catch(unless("not_running"));
    return new ExecStream(early, lines, { kill, exitCode });
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

/** Serves the model of an ONNX file on a thread of its own, and the next one when the file changes. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { ModelSupervisor } from "../model-supervisor.ts";
import type { Runtime } from "../runtime.ts";
import { type ModelContract, requireContract } from "./model-contract.ts";
import { SessionThread, type ThreadStart } from "./session-thread.ts";
import { Succession } from "./succession.ts";

/** How often a file that is followed is looked at. */
const lookEveryMs = 250;

export interface OnnxDependencies {
  readonly logger: Logger;
  /** Told each time the thread is gone and started again. */
  readonly onRestart?: (() => void) | undefined;
  /** For tests that want to get hold of the thread. */
  readonly startThread?: (start: ThreadStart) => Promise<SessionThread>;
}

export interface OnnxRuntimeOptions extends ModelContract {
  readonly file: string;
  /** Threads that one operator may use; 1 when missing, since robots and policies share the processor. */
  readonly threads?: number;
  /** Takes a changed file over without a pause; otherwise the model that was there first serves to the end. */
  readonly follow?: boolean | undefined;
}

/** The first 12 hex digits of the SHA-256 of an ONNX file's content. */
export function modelVersionOf(model: Uint8Array): string {
  return createHash("sha256").update(model).digest("hex").slice(0, 12);
}

/**
 * Opens a file's model. Whoever opened it closes it.
 *
 * A followed file that changes is loaded beside the model that serves, compared with the same contract and run once;
 * then it answers instead, from one question to the next. A file that cannot serve leaves the old model in its place,
 * and the log says why.
 *
 * @throws ModelMismatchError when the file is not the model that the policy describes
 */
export async function openOnnxRuntime(dependencies: OnnxDependencies, options: OnnxRuntimeOptions): Promise<Runtime> {
  const first = await openModel(dependencies, await readFile(options.file), options);
  if (!options.follow) return first;

  const serving = new Succession(first);
  const closing = new AbortController();
  const following = follow(dependencies, serving, options, closing.signal);
  return {
    get modelVersion() {
      return serving.modelVersion;
    },
    infer: (features, rows, pictures) => serving.infer(features, rows, pictures),
    async close() {
      closing.abort();
      await following;
      await serving.close();
    },
  };
}

/** Runs the content of an ONNX file, and starts its thread again when it dies. */
async function openModel(
  { logger, onRestart, startThread = (start) => SessionThread.start(start) }: OnnxDependencies,
  model: Uint8Array,
  { file, threads = 1, ...contract }: OnnxRuntimeOptions,
): Promise<Runtime> {
  const modelVersion = modelVersionOf(model);
  const start = async () => {
    const thread = await startThread({ model, threads });
    try {
      await requireContract(contract, thread);
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  };
  // A file that is not the right model is refused at once, and not tried again.
  const running = new ModelSupervisor({ logger, onRestart, what: file, start }, await start());

  return {
    modelVersion,
    infer: async (features, rows) => ({ values: await running.current().infer(features, rows), modelVersion }),
    close: () => running.close(),
  };
}

async function follow(
  dependencies: OnnxDependencies,
  serving: Succession,
  options: OnnxRuntimeOptions,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = dependencies;
  const { file } = options;

  const takeOver = async (): Promise<void> => {
    const model = await readFile(file);
    const was = serving.modelVersion;
    if (modelVersionOf(model) === was) return;
    const next = await openModel(dependencies, model, options);
    if (signal.aborted) return next.close();
    const gone = serving.succeed(next);
    logger.info({ file, model_version: next.modelVersion, was }, "the model file has changed; the new model serves");
    await gone;
  };

  for await (const _ of settledChanges(file, signal)) {
    await takeOver().catch((error: Error) => {
      const problem = error.message;
      logger.error(
        { file, problem, model_version: serving.modelVersion },
        "a new model cannot serve; the old one does",
      );
    });
  }
}

/**
 * Yields whenever the file has changed, however that came about, and then stood still from one look to the next; also
 * for what it holds at first. It looks by itself, since not all file systems tell of changes (shared folders, mounts of
 * containers). A file that is gone is no change. Ends when the signal is aborted.
 */
async function* settledChanges(file: string, signal: AbortSignal): AsyncGenerator<void> {
  let seen: string | undefined;
  let told: string | undefined;
  while (!signal.aborted) {
    const stamp = await stampOf(file);
    if (stamp !== undefined && stamp === seen && stamp !== told) {
      told = stamp;
      yield;
    }
    seen = stamp;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Changes with the file's content; undefined where there is none. */
async function stampOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
}

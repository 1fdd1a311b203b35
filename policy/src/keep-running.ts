/** Starts what computes a model again whenever it is gone, with longer and longer pauses. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@physical-ai/service/errors";
import type { Logger } from "pino";
import { ModelUnavailableError } from "./runtime.ts";

/** A thread or a server at work. */
export interface Backend {
  /** Resolves with the reason when it is gone, closed or dead. */
  readonly gone: Promise<string>;
  close(): Promise<void>;
}

/** Something that comes back. */
export interface Running<E extends Backend> {
  /** @throws ModelUnavailableError while it is being started */
  current(): E;
  close(): Promise<void>;
}

export interface KeepRunningOptions<E extends Backend> {
  readonly logger: Logger;
  /** For people. */
  readonly what: string;
  /** Told each time it is gone and started again. */
  readonly onRestart?: (() => void) | undefined;
  /** Gives up when the signal is aborted. */
  start(signal: AbortSignal): Promise<E>;
}

const shortestPauseMs = 100;
const longestPauseMs = 10_000;
/** What ran for so long had started well: the next pause is the shortest again. */
const wellAfterMs = 60_000;

/** Resolves when it has started for the first time; rejects when that fails. */
export async function keepRunning<E extends Backend>(options: KeepRunningOptions<E>): Promise<Running<E>> {
  const closing = new AbortController();
  return watch(options, closing, await options.start(closing.signal));
}

/** Does not wait for the first start, which is tried as often as any. */
export function keepTrying<E extends Backend>(options: KeepRunningOptions<E>): Running<E> {
  return watch(options, new AbortController(), undefined);
}

function watch<E extends Backend>(
  { logger, what, start, onRestart }: KeepRunningOptions<E>,
  closing: AbortController,
  first: E | undefined,
): Running<E> {
  const { signal } = closing;
  let backend = first;
  let pauseMs = shortestPauseMs;
  let why = "it is being started";

  async function supervise(): Promise<void> {
    while (!signal.aborted) {
      backend ??= await tryToStart();
      if (backend === undefined) continue;
      if (signal.aborted) return backend.close();
      const startedAt = performance.now();
      const reason = await backend.gone;
      backend = undefined;
      if (signal.aborted) return;
      if (performance.now() - startedAt > wellAfterMs) pauseMs = shortestPauseMs;
      why = reason;
      onRestart?.();
      logger.error({ model: what, reason }, "the model is gone; starting it again");
      await pause();
    }
  }

  async function tryToStart(): Promise<E | undefined> {
    try {
      return await start(signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      const problem = messageOf(error);
      // Once: what has not changed needs no second line.
      if (problem !== why) logger.error({ model: what, problem }, "the model did not start; trying again");
      why = problem;
      await pause();
      return undefined;
    }
  }

  async function pause(): Promise<void> {
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }

  const supervision = supervise();
  return {
    current() {
      if (backend === undefined) throw new ModelUnavailableError(`${what} does not run: ${why}`);
      return backend;
    },
    async close() {
      closing.abort();
      await backend?.close();
      await supervision;
    },
  };
}

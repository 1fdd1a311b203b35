/** Keeps something running that may be gone at any time: a process, a thread, a connection to a server. */
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff, type BackoffOptions } from "./backoff.ts";

/** What a supervisor starts again whenever it is gone. */
export interface Supervised<R> {
  /** Resolves, with the reason, when it is gone: by itself or closed. */
  readonly gone: Promise<R>;
  /** Ends it; resolves when it is gone. */
  close(): Promise<void>;
}

export interface SupervisorOptions<E extends Supervised<R>, R = string> {
  /** Gives up when the signal is aborted. May fail: that is tried again, too. */
  start(signal: AbortSignal): E | Promise<E>;
  /** The pauses before it is started again. */
  backoff: BackoffOptions;
  /** What ran for so long had started well: the next pause is the first again. */
  healthyMs: number;
  /** Whether it has done its work, and is not started again; never when missing. */
  isDone?(reason: R): boolean;
  /** Told each time that it is gone before its work is done, and is started again. */
  onGone?(reason: R): void;
  /** Told each time that it could not be started, and is tried again. */
  onStartFailed?(error: unknown): void;
}

/** For tests: what a supervisor knows of time. */
interface SupervisorClock {
  /** Milliseconds. */
  now(): number;
  /** Resolves after so long, or when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const realClock: SupervisorClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** Starts at once, and again and again until `close`. Whoever makes one closes it. */
export class Supervisor<E extends Supervised<R>, R = string> {
  /** Resolves when nothing runs and nothing is started any more: its work is done, or it was closed. */
  readonly ended: Promise<void>;
  readonly #options: SupervisorOptions<E, R>;
  readonly #clock: SupervisorClock;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  #current: E | undefined;

  /** @param first one that runs already: it is watched, and only its successors are started */
  constructor(options: SupervisorOptions<E, R>, first?: E, clock: SupervisorClock = realClock) {
    this.#options = options;
    this.#clock = clock;
    this.#backoff = new Backoff(options.backoff);
    this.#current = first;
    this.ended = this.#supervise();
  }

  /** What runs; nothing while it is being started. */
  get current(): E | undefined {
    return this.#current;
  }

  /** Ends what runs, or the start that is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#current?.close();
    await this.ended;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#current ??= await this.#start();
      if (this.#current !== undefined && (await this.#isOver(this.#current))) return;
      if (!signal.aborted) await this.#clock.sleep(this.#backoff.next(), signal);
    }
  }

  async #start(): Promise<E | undefined> {
    try {
      return await this.#options.start(this.#closing.signal);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onStartFailed?.(error);
      return undefined;
    }
  }

  /** Resolves when it is gone: true when nothing is to be started any more. */
  async #isOver(running: E): Promise<boolean> {
    const { signal } = this.#closing;
    const startedAt = this.#clock.now();
    // Closed while it was being started.
    if (signal.aborted) await running.close();
    const reason = await running.gone;
    this.#current = undefined;
    if (signal.aborted || this.#options.isDone?.(reason)) return true;
    this.#options.onGone?.(reason);
    if (this.#clock.now() - startedAt > this.#options.healthyMs) this.#backoff.reset();
    return false;
  }
}

/** Starts what computes a model again whenever it is gone, with a backoff, and says meanwhile why it does not answer. */
import { messageOf } from "@physical-ai/service/errors";
import { type Supervised, Supervisor } from "@physical-ai/service/supervisor";
import type { Logger } from "pino";
import { ModelUnavailableError } from "./runtime.ts";

const backoff = { firstMs: 100, longestMs: 10_000 };
/** What ran for so long had started well: the next pause is the shortest again. */
const healthyMs = 60_000;

export interface ModelSupervisorOptions<E extends Supervised<string>> {
  readonly logger: Logger;
  /** For people. */
  readonly what: string;
  /** Told each time it is gone and started again. */
  readonly onRestart?: (() => void) | undefined;
  /** Gives up when the signal is aborted. May fail: that is tried again, too. */
  start(signal: AbortSignal): Promise<E>;
}

/** Starts at once. Whoever makes one closes it. */
export class ModelSupervisor<E extends Supervised<string>> {
  readonly #supervisor: Supervisor<E>;
  readonly #what: string;
  #why = "it is being started";

  /** @param first one that runs already: only its successors are started */
  constructor({ logger, what, onRestart, start }: ModelSupervisorOptions<E>, first?: E) {
    this.#what = what;
    this.#supervisor = new Supervisor<E>(
      {
        start,
        backoff,
        healthyMs,
        onGone: (reason) => {
          this.#why = reason;
          onRestart?.();
          logger.error({ model: what, reason }, "the model is gone; starting it again");
        },
        onStartFailed: (error) => {
          const problem = messageOf(error);
          // Once: what has not changed needs no second line.
          if (problem !== this.#why) logger.error({ model: what, problem }, "the model did not start; trying again");
          this.#why = problem;
        },
      },
      first,
    );
  }

  /** @throws ModelUnavailableError while it is being started */
  current(): E {
    const { current } = this.#supervisor;
    if (current === undefined) throw new ModelUnavailableError(`${this.#what} does not run: ${this.#why}`);
    return current;
  }

  close(): Promise<void> {
    return this.#supervisor.close();
  }
}

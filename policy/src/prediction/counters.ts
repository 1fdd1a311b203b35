/** What became of the packets of one policy: each is counted, and of each kind of trouble one in ten seconds is logged. */
import { RateLimit } from "@physical-ai/service";
import type { Logger } from "pino";
import { ModelUnavailableError } from "../runtime.ts";

const logIntervalMs = 10_000;

/** Why a packet led to no prediction. */
export type SkipReason =
  /** It did not hold the numbers that the policy expects. */
  | "invalid"
  /** A picture that belongs to it has not come. */
  | "incomplete"
  /** Its prediction would have come too late. */
  | "deadline"
  /** The model was not running. */
  | "model_unavailable";

/** `received` is the sum of all others. */
export interface Counters {
  readonly received: number;
  /** Kept for a later prediction. */
  readonly absorbed: number;
  readonly predicted: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** The model failed, or gave something that is no prediction. */
  readonly errors: number;
}

export class PacketCounters implements Counters {
  received = 0;
  absorbed = 0;
  predicted = 0;
  errors = 0;
  readonly skipped: Record<SkipReason, number> = { invalid: 0, incomplete: 0, deadline: 0, model_unavailable: 0 };
  readonly #logger: Logger;
  readonly #policy: string;
  readonly #logLimit = new RateLimit(logIntervalMs);

  constructor(logger: Logger, policy: string) {
    this.#logger = logger;
    this.#policy = policy;
  }

  /** So many packets are skipped, for a reason that belongs to them. */
  skip(reason: SkipReason, packets: number, problem: string): void {
    this.skipped[reason] += packets;
    if (!this.#logLimit.allows(reason)) return;
    const skipped = this.skipped[reason];
    this.#logger.warn({ policy: this.#policy, reason, skipped, problem }, "packets are skipped");
  }

  /** The model failed at so many packets, or gave what is no prediction. */
  fail(error: unknown, packets: number): void {
    if (error instanceof ModelUnavailableError) {
      this.skip("model_unavailable", packets, error.message);
      return;
    }
    this.errors += packets;
    if (!this.#logLimit.allows("error")) return;
    this.#logger.error({ policy: this.#policy, errors: this.errors, err: error }, "no prediction");
  }

  snapshot(): Counters {
    const { received, absorbed, predicted, errors, skipped } = this;
    return { received, absorbed, predicted, skipped: { ...skipped }, errors };
  }
}

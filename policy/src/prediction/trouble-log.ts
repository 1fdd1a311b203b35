/** Packets that lead to no prediction: each is counted, and of each kind one in ten seconds is logged. */
import { createRateLimit } from "@physical-ai/service";
import type { Logger } from "pino";
import { ModelUnavailableError } from "../runtime.ts";
import type { Counters, SkipReason } from "./counters.ts";

const logIntervalMs = 10_000;

export interface TroubleLog {
  /** So many packets are skipped, for a reason that belongs to them. */
  skip(reason: SkipReason, packets: number, problem: string): void;
  /** The model failed at so many packets, or gave what is no prediction. */
  fail(error: unknown, packets: number): void;
}

export function createTroubleLog(logger: Logger, policy: string, counters: Counters): TroubleLog {
  const mayLog = createRateLimit(logIntervalMs);

  function skip(reason: SkipReason, packets: number, problem: string): void {
    counters.skipped[reason] += packets;
    if (!mayLog(reason)) return;
    logger.warn({ policy, reason, skipped: counters.skipped[reason], problem }, "packets are skipped");
  }

  return {
    skip,
    fail(error, packets) {
      if (error instanceof ModelUnavailableError) return skip("model_unavailable", packets, error.message);
      counters.errors += packets;
      if (mayLog("error")) logger.error({ policy, errors: counters.errors, err: error }, "no prediction");
    },
  };
}

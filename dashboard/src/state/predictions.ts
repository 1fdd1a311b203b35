/** What policies say of one robot: their predictions, and what of these is for people. */
import type { Prediction } from "@physical-ai/unity-protocol";
import { remember } from "./bounded.ts";

/** Predictions of one policy with the same label, one after the other; the newest is kept. */
export interface PredictionRun {
  /** Among the robot's runs. */
  readonly id: number;
  readonly startedAt: number;
  prediction: Prediction;
  count: number;
  at: number;
}

/** The newest message that a policy has for people. */
export interface Alert {
  readonly policy: string;
  readonly message: string;
  /** The `80` of "Collision risk 80%". */
  readonly percent: number | undefined;
  /** True where a high percentage is bad news. */
  readonly isRisk: boolean;
  readonly at: number;
}

const mostRuns = 12;
const mostAlerts = 4;

/** Those of one robot. Times are epoch milliseconds of the page's clock. */
export class Predictions {
  /** Newest first. */
  runs: readonly PredictionRun[] = [];
  /** By policy. */
  readonly alerts = new Map<string, Alert>();
  #lastId = 0;

  take(prediction: Prediction, at: number): void {
    const run = this.runs.find((candidate) => candidate.prediction.policy === prediction.policy);
    if (run !== undefined && sameInput(run.prediction, prediction)) return;
    if (run !== undefined && run.prediction.label === prediction.label) {
      run.prediction = prediction;
      run.count += 1;
      run.at = at;
    } else {
      this.#lastId += 1;
      const started = { id: this.#lastId, prediction, count: 1, startedAt: at, at };
      this.runs = [started, ...this.runs].slice(0, mostRuns);
    }
    const { policy, message } = prediction;
    if (message !== undefined) remember(this.alerts, policy, alertOf(policy, message, at), mostAlerts);
  }
}

/** Reads a policy's message. */
export function alertOf(policy: string, message: string, at: number): Alert {
  const percent = /(\d+(?:\.\d+)?)\s*%/.exec(message)?.[1];
  return {
    policy,
    message,
    percent: percent === undefined ? undefined : Math.min(100, Number(percent)),
    isRisk: /risk/i.test(message),
    at,
  };
}

/** A prediction that is told again, as after a reconnect. */
function sameInput(a: Prediction, b: Prediction): boolean {
  return (
    b.input.last_seq !== undefined && a.input.last_seq === b.input.last_seq && a.input.stream_id === b.input.stream_id
  );
}

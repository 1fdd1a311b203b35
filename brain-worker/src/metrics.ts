/** The worker's metrics. Counts are read when Prometheus asks; of latencies one is noted a batch. */
import type { Metrics, Sample } from "@physical-ai/service";
import type { PolicyStats } from "./served-policy.ts";

export interface BrainWorkerStats {
  /** True while the hub has this worker. */
  readonly registered: boolean;
  readonly policies: Readonly<Record<string, PolicyStats>>;
}

/** Told of each batch that a model has answered; in milliseconds. */
export type OnInferred = (policy: string, inferMs: number, queueMs: number) => void;

const inferenceSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const queueSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function observeInference(metrics: Metrics): OnInferred {
  const inference = metrics.histogramBy(
    "policy",
    "inference_seconds",
    "The model's answer to a batch.",
    inferenceSeconds,
  );
  const queue = metrics.histogramBy(
    "policy",
    "queue_seconds",
    "From the hub's reception of a batch's oldest packet until the worker began with it.",
    queueSeconds,
  );
  return (policy, inferMs, queueMs) => {
    inference(policy, inferMs / 1_000);
    queue(policy, queueMs / 1_000);
  };
}

export function describeWorker(metrics: Metrics, stats: () => BrainWorkerStats): void {
  const perPolicy = (name: string, help: string, read: (policy: PolicyStats) => number) =>
    metrics.counterBy(["policy"], name, help, () =>
      Object.entries(stats().policies).map(([policy, counts]) => [policy, read(counts)]),
    );
  perPolicy("packets_received_total", "Packets for a policy.", ({ received }) => received);
  perPolicy("packets_absorbed_total", "Packets kept for a later prediction.", ({ absorbed }) => absorbed);
  perPolicy("predictions_total", "Predictions made.", ({ predicted }) => predicted);
  perPolicy("prediction_errors_total", "Packets whose prediction the model failed at.", ({ errors }) => errors);
  perPolicy(
    "predictions_dropped_total",
    "Predictions that were ready when the hub was gone.",
    ({ dropped }) => dropped,
  );
  perPolicy("model_restarts_total", "Times a policy's thread or server was gone.", ({ restarts }) => restarts);
  metrics.counterBy(
    ["policy", "reason"],
    "packets_skipped_total",
    "Packets that led to no prediction, by reason.",
    () =>
      Object.entries(stats().policies).flatMap(([policy, { skipped }]) =>
        Object.entries(skipped).map(([reason, count]): Sample => [[policy, reason], count]),
      ),
  );
  metrics.gaugeBy(["policy", "model_version"], "model_info", "The model that serves a policy; always 1.", () =>
    Object.entries(stats().policies).map(([policy, { modelVersion }]): Sample => [[policy, modelVersion ?? ""], 1]),
  );
  metrics.gauge("registered", "1 while the hub has this worker.", () => Number(stats().registered));
}

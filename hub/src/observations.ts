/** What is counted and measured as it occurs, for the metrics. Latencies: once a message or a transaction, never a packet. */
import type { Metrics } from "@physical-ai/service";

/** Told by those who measure, in milliseconds. */
export interface Observations {
  /** A message of so many packets is with workers and viewers, so long after it came. */
  forwarded(packets: number, ms: number): void;
  /** A message is committed, so long after it came. */
  committed(ms: number): void;
  /** So many rows were committed in one transaction, which took so long. */
  transaction(rows: number, ms: number): void;
  /** A prediction came, so long after the hub had received the packet that it is about. */
  predicted(ms: number): void;
}

const stageSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const transactionRows = [1, 10, 50, 100, 500, 1_000, 2_000, 4_000, 8_000];
const batchPackets = [1, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** For those whom nobody asked to measure. */
export const unobserved: Observations = {
  forwarded: () => undefined,
  committed: () => undefined,
  transaction: () => undefined,
  predicted: () => undefined,
};

/** Makes what turns observations into histograms. */
export function createObservations(metrics: Metrics): Observations {
  const stage = metrics.histogramBy(
    "stage",
    "stage_seconds",
    "Since the hub received a message: until its packets were given to workers and viewers (forwarded), until they were " +
      "committed (committed), until a prediction about them came (predicted).",
    stageSeconds,
  );
  const batch = metrics.histogram("batch_packets", "Packets in a message of a relay.", batchPackets);
  const rowsOf = metrics.histogram("transaction_rows", "Rows committed in one transaction.", transactionRows);
  const secondsOf = metrics.histogram(
    "transaction_seconds",
    "A transaction of telemetry, from its first row to the answer to COMMIT, the wait for its turn included.",
    stageSeconds,
  );
  return {
    forwarded(packets, ms) {
      batch(packets);
      stage("forwarded", ms / 1_000);
    },
    committed: (ms) => stage("committed", ms / 1_000),
    transaction(rows, ms) {
      rowsOf(rows);
      secondsOf(ms / 1_000);
    },
    predicted: (ms) => stage("predicted", ms / 1_000),
  };
}

/** Counts of what comes in few kinds. All of them are there from the start, at 0. */
export class Tally<Kind extends string> {
  readonly #counts: Map<string, number>;

  constructor(kinds: readonly Kind[]) {
    this.#counts = new Map(kinds.map((kind) => [kind, 0]));
  }

  add(kind: Kind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

/** Latency as a viewer sees it: from the relay's send to the prediction's arrival. */
import { predictionType, protocolVersion, validate } from "@physical-ai/unity-protocol";
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";

const maxLatencies = 100_000;

/** A viewer that receives predictions only. It shares its clock with the relay: one machine. Whoever makes one closes it. */
export class LatencyProbe {
  readonly #connection: HubConnection;
  #latencies: number[] = [];

  constructor(url: string, token: string) {
    this.#connection = connectToHub({
      url,
      token,
      registration: () => ({
        role: "viewer",
        id: "witness",
        protocol: protocolVersion,
        filter: { types: [predictionType] },
      }),
      onRegistered: () => undefined,
    });
    this.#connection.socket.on("update_data", (packet) => this.#note(packet.val));
  }

  /** Milliseconds from the newest packet's `ts` to its prediction's arrival, of the last predictions. */
  get latencies(): readonly number[] {
    return this.#latencies;
  }

  close(): void {
    this.#connection.close();
  }

  #note(value: unknown): void {
    const prediction = validate.prediction(value);
    if (!prediction.ok || prediction.value.input.ts === undefined) return;
    this.#latencies.push(Date.now() - prediction.value.input.ts);
    if (this.#latencies.length > maxLatencies) this.#latencies = this.#latencies.slice(maxLatencies / 2);
  }
}

/** The value below which the given share (0–1) of the numbers lies; `undefined` of none. */
export function quantile(numbers: readonly number[], share: number): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

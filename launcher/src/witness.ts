/** A viewer that watches the loop from outside: how long from the relay's send to the prediction at a viewer. */
import { predictionType, protocolVersion, validate } from "@physical-ai/unity-protocol";
import { connectToHub } from "@physical-ai/unity-protocol/client";

/** What it has seen. */
export interface Witness {
  /** Milliseconds from the newest packet's `ts` to its prediction's arrival, of the last predictions. */
  readonly latencies: readonly number[];
  leave(): void;
}

const maxLatencies = 100_000;

/** Connects a viewer that receives predictions only. It shares its clock with the relay: one machine. */
export function createWitness(url: string, token: string): Witness {
  let latencies: number[] = [];
  const connection = connectToHub({
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
  connection.socket.on("update_data", (packet) => {
    const prediction = validate.prediction(packet.val);
    if (!prediction.ok || prediction.value.input.ts === undefined) return;
    latencies.push(Date.now() - prediction.value.input.ts);
    if (latencies.length > maxLatencies) latencies = latencies.slice(maxLatencies / 2);
  });
  return {
    get latencies() {
      return latencies;
    },
    leave: () => connection.close(),
  };
}

/** The value below which the given share (0–1) of the numbers lies; `undefined` of none. */
export function quantile(numbers: readonly number[], share: number): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

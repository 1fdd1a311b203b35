/** What happened between start and stop, counted in the database. */
import { countActivity } from "@physical-ai/db";
import { compileValidator } from "@physical-ai/unity-protocol";
import pg from "pg";
import Type from "typebox";
import { quantile } from "./latency.ts";

/** The last line of `npm start -- --json`. */
export interface Summary {
  /** Packets that the hub acknowledged, as the relay counts them: those that waited in its log before, too. */
  packets: number;
  /** Its rows in `robot_telemetry`: equal to `packets` when nothing was lost or doubled. */
  rows: number;
  predictions: number;
  commands: number;
  /** From the relay's send to the prediction at a viewer. */
  latency_ms: { p50: number | null; p99: number | null };
  /** Times that a simulated robot touched something. */
  collisions: number;
}

/** What the summary is made from. */
export interface Observations {
  /** Epoch milliseconds. */
  startedAt: number;
  relayId: string;
  /** The relay's last words. */
  relayReport: unknown;
  /** Milliseconds. */
  latencies: readonly number[];
}

const validateRelayReport = compileValidator(
  "the relay's report",
  Type.Object({ stats: Type.Object({ acknowledged: Type.Integer({ minimum: 0 }) }) }),
);

/** Counts what came in since the start. */
export async function summarise(databaseUrl: string, observations: Observations): Promise<Summary> {
  const { startedAt, relayId, relayReport, latencies } = observations;
  const report = validateRelayReport(relayReport);
  if (!report.ok)
    throw new Error("the relay ended before it could say what it sent; see logs/relay.log in the data folder");
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { collisions, ...others } = await countActivity(client, relayId, new Date(startedAt));
    const rounded = (share: number) => {
      const value = quantile(latencies, share);
      return value === undefined ? null : Math.round(value * 10) / 10;
    };
    return {
      packets: report.value.stats.acknowledged,
      ...others,
      latency_ms: { p50: rounded(0.5), p99: rounded(0.99) },
      collisions,
    };
  } finally {
    await client.end();
  }
}

/** One line for people. */
export function describeSummary({ packets, rows, predictions, commands, collisions }: Summary): string {
  return `${packets} packets, ${rows} rows, ${predictions} predictions, ${commands} commands, ${collisions} collisions`;
}

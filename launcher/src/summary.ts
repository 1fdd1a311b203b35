/** What happened between start and stop, counted in the database. */
import pg from "pg";
import { quantile } from "./witness.ts";

/** The last line of `npm start -- --json`. */
export interface Summary {
  /** Packets that the relay numbered. */
  packets: number;
  /** Rows of them in `robot_telemetry`: equal to `packets` when nothing was lost or doubled. */
  rows: number;
  predictions: number;
  commands: number;
  /** From the relay's send to the prediction at a viewer. */
  latency_ms: { p50: number | null; p99: number | null };
  /** Times that a simulated robot touched something. */
  collisions: number;
}

/** Counts what came in since `startedAt` (epoch ms). */
export async function summarise(
  databaseUrl: string,
  startedAt: number,
  latencies: readonly number[],
): Promise<Summary> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<"packets" | "rows" | "predictions" | "commands" | "collisions", number>>(
      `with telemetry as (select * from robot_telemetry where received_at >= $1)
       select
         (select coalesce(sum(committed_seq), 0)::int from relay_streams where updated_at >= $1) as packets,
         (select count(*)::int from telemetry) as rows,
         (select count(*)::int from ai_predictions where created_at >= $1) as predictions,
         (select count(*)::int from robot_commands where created_at >= $1) as commands,
         (select count(*)::int from telemetry where data_type = 'impact') as collisions`,
      [new Date(startedAt)],
    );
    const [counts] = rows;
    if (counts === undefined) throw new Error("the database returned no counts");
    const { collisions, ...others } = counts;
    const rounded = (share: number) => {
      const value = quantile(latencies, share);
      return value === undefined ? null : Math.round(value * 10) / 10;
    };
    return { ...others, latency_ms: { p50: rounded(0.5), p99: rounded(0.99) }, collisions };
  } finally {
    await client.end();
  }
}

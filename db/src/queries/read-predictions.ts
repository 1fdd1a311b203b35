import type { Pool } from "pg";

/** What was predicted, as it is stored. */
export interface StoredPrediction {
  robotId: string;
  modelVersion: string;
  streamId: string | undefined;
  /** Of the newest packet that it was made from. */
  lastSeq: number | undefined;
  label: string | undefined;
  /** `scores` by label, or `values` of a regression: JSON as the worker sent it. */
  numbers: unknown;
  createdAtMs: number;
}

/** A robot, and the time after which its predictions are wanted; epoch milliseconds. */
export interface RobotSince {
  robotId: string;
  sinceMs: number;
}

interface Row {
  robot_id: string;
  model_version: string;
  stream_id: string | null;
  last_seq: string | null;
  label: string | null;
  numbers: unknown;
  created_at: Date;
}

const sql = `
  select prediction.robot_id, model_version, stream_id, last_seq, created_at,
         result_payload->>'label' as label,
         coalesce(result_payload->'scores', result_payload->'values') as numbers
  from unnest($2::text[], $3::timestamptz[]) as wanted (robot_id, since)
  join ai_predictions as prediction
    on prediction.robot_id = wanted.robot_id and prediction.policy = $1
    and prediction.created_at > wanted.since and prediction.created_at <= $4`;

/** The predictions of a policy for each robot from its time on, up to and with `untilMs`. */
export async function readPredictions(
  pool: Pool,
  policy: string,
  robots: readonly RobotSince[],
  untilMs: number,
): Promise<StoredPrediction[]> {
  const { rows } = await pool.query<Row>(sql, [
    policy,
    robots.map(({ robotId }) => robotId),
    robots.map(({ sinceMs }) => new Date(sinceMs)),
    new Date(untilMs),
  ]);
  return rows.map((row) => ({
    robotId: row.robot_id,
    modelVersion: row.model_version,
    streamId: row.stream_id ?? undefined,
    lastSeq: row.last_seq === null ? undefined : Number(row.last_seq),
    label: row.label ?? undefined,
    numbers: row.numbers,
    createdAtMs: row.created_at.getTime(),
  }));
}

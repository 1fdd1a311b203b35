/** What came in and went out, for the summary of `npm start`. */
import type { ClientBase } from "pg";

/** What came in and went out in a span of time. */
interface Activity {
  /** Rows of telemetry. */
  rows: number;
  predictions: number;
  commands: number;
  /** Times that a robot touched something. */
  collisions: number;
}

/** Counts a relay's telemetry, and all predictions and commands, from `since` on. */
export async function countActivity(client: ClientBase, relayId: string, since: Date): Promise<Activity> {
  const { rows } = await client.query<Activity>(
    `with telemetry as (
       select data_type from robot_telemetry join relay_streams using (stream_id)
       where received_at >= $1 and relay_id = $2
     )
     select
       (select count(*)::int from telemetry) as rows,
       (select count(*)::int from ai_predictions where created_at >= $1) as predictions,
       (select count(*)::int from robot_commands where created_at >= $1) as commands,
       (select count(*)::int from telemetry where data_type = 'impact') as collisions`,
    [since, relayId],
  );
  const [activity] = rows;
  if (activity === undefined) throw new Error("the database returned no counts");
  return activity;
}

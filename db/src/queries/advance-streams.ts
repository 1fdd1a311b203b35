/** The compare-and-set by which a relay's rows are written exactly once. */
import type { ClientBase } from "pg";
import type { StreamStep } from "../rows.ts";

/**
 * The compare-and-set of all streams of a transaction, in one statement.
 *
 * Rows are locked in the order of their ids, so that two hubs cannot wait for each other.
 * @returns the ids of the streams that stood where their step expected them, as the steps write them
 */
export async function advanceStreams(client: ClientBase, steps: readonly StreamStep[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: "advance-streams",
    text: `with step as (
             select * from unnest($1::text[], $2::bigint[], $3::bigint[]) as step (id, expected_seq, last_seq)
           ), locked as (
             select stream_id, committed_seq from relay_streams
             where stream_id = any ($1::uuid[]) order by stream_id for update
           )
           update relay_streams as stream
           set committed_seq = step.last_seq, updated_at = now()
           from step join locked on locked.stream_id = step.id::uuid
           where stream.stream_id = locked.stream_id and locked.committed_seq = step.expected_seq
           returning step.id`,
    values: [
      steps.map((step) => step.streamId),
      steps.map((step) => step.expectedSeq),
      steps.map((step) => step.lastSeq),
    ],
  });
  return new Set(rows.map((row) => row.id));
}

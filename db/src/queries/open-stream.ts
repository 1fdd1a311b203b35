/** A relay's stream, as the hub knows it. */
import type { ClientBase } from "pg";

/**
 * Finds or begins a relay's stream.
 *
 * @returns its `committed_seq`; `undefined` when another relay began it
 */
export async function openStream(client: ClientBase, streamId: string, relayId: string): Promise<number | undefined> {
  const { rows } = await client.query<{ committed_seq: string }>(
    `insert into relay_streams (stream_id, relay_id) values ($1, $2)
     on conflict (stream_id) do update set relay_id = excluded.relay_id
     where relay_streams.relay_id = excluded.relay_id
     returning committed_seq`,
    [streamId, relayId],
  );
  const [row] = rows;
  return row && Number(row.committed_seq);
}

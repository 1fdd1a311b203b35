import type { ClientBase } from "pg";

/** Finds or begins a relay's stream. Returns its `committed_seq`. */
export async function openStream(client: ClientBase, streamId: string, relayId: string): Promise<number> {
  const { rows } = await client.query<{ committed_seq: string }>(
    `insert into relay_streams (stream_id, relay_id) values ($1, $2)
     on conflict (stream_id) do update set relay_id = excluded.relay_id
     returning committed_seq`,
    [streamId, relayId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`relay_streams returned no row for ${streamId}`);
  return Number(row.committed_seq);
}

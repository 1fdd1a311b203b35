/** How far streams are committed. */
import type { ClientBase } from "pg";

/** How far these streams are committed; 0 for one that is not known. */
export async function committedSeqs(client: ClientBase, streamIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: string; committed_seq: string }>(
    "select id, committed_seq from unnest($1::text[]) as id join relay_streams on stream_id = id::uuid",
    [streamIds],
  );
  return new Map(rows.map((row) => [row.id, Number(row.committed_seq)]));
}

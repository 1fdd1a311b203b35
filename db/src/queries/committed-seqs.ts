import type { ClientBase } from "pg";

/** How far these streams are committed; 0 for one that is not known. */
export async function committedSeqs(client: ClientBase, streamIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ stream_id: string; committed_seq: string }>(
    "select stream_id, committed_seq from relay_streams where stream_id = any ($1::uuid[])",
    [streamIds],
  );
  return new Map(rows.map((row) => [row.stream_id, Number(row.committed_seq)]));
}

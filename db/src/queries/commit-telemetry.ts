import pg, { type Pool } from "pg";
import type { BatchOutcome, TelemetryBatch, TelemetryRow } from "../rows.ts";
import { inTransaction } from "../transaction.ts";
import { advanceStreams } from "./advance-streams.ts";
import { committedSeqs } from "./committed-seqs.ts";
import { copyTelemetry } from "./copy-telemetry.ts";

/**
 * Commits batches of many relays in one transaction: one compare-and-set for all streams, one COPY for all rows.
 * A batch whose stream stands elsewhere is left out.
 *
 * @param batches at most one of each stream
 * @returns the outcome of each batch, in their order; the rows of `committed` ones are durable
 * @throws when the database cannot be reached or the outcome is not known: sending again is safe for streams
 */
export async function commitTelemetry(pool: Pool, batches: readonly TelemetryBatch[]): Promise<BatchOutcome[]> {
  try {
    return await commitTogether(pool, batches);
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [only] = batches;
    if (batches.length === 1 && only !== undefined) return [{ kind: "unstorable", problem: error.message }];
    const outcomes: BatchOutcome[] = [];
    for (const batch of batches) outcomes.push(...(await commitTelemetry(pool, [batch])));
    return outcomes;
  }
}

async function commitTogether(pool: Pool, batches: readonly TelemetryBatch[]): Promise<BatchOutcome[]> {
  return inTransaction(pool, async (client) => {
    const steps = batches.flatMap((batch) => batch.stream ?? []);
    const advanced = steps.length === 0 ? new Set<string>() : await advanceStreams(client, steps);
    const losers = steps.filter((step) => !advanced.has(step.streamId)).map((step) => step.streamId);
    const standings = losers.length === 0 ? new Map<string, number>() : await committedSeqs(client, losers);
    const mayCommit = (batch: TelemetryBatch) => batch.stream === undefined || advanced.has(batch.stream.streamId);

    await copyTelemetry(client, rowsOf(batches.filter(mayCommit)));
    return batches.map((batch) =>
      batch.stream === undefined || mayCommit(batch)
        ? { kind: "committed" }
        : { kind: "conflict", committedSeq: standings.get(batch.stream.streamId) ?? 0 },
    );
  });
}

function* rowsOf(batches: readonly TelemetryBatch[]): Generator<TelemetryRow> {
  for (const batch of batches) yield* batch.rows;
}

/** PostgreSQL refused a value: classes 22 (data exception) and 54 (program limit exceeded). */
function isDataError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? "");
}

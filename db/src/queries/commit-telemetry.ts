import pg, { type Pool } from "pg";
import type { BatchOutcome, TelemetryBatch } from "../rows.ts";
import { inTransaction } from "../transaction.ts";
import { advanceStreams } from "./advance-streams.ts";
import { committedSeqs } from "./committed-seqs.ts";
import { copyTelemetry } from "./copy-telemetry.ts";

/** Resolves when a transaction's turn to move streams has come. */
export type Turn = () => Promise<unknown>;

/**
 * Commits batches of many relays in one transaction: one COPY for all rows, then one compare-and-set for all streams.
 * A batch whose stream stands elsewhere is left out.
 *
 * @param batches at most one of each stream
 * @param turn waited for between COPY and compare-and-set: so that a transaction can write its rows while the one before
 *   it, which moves the same streams, is still being committed
 * @returns the outcome of each batch, in their order; the rows of `committed` ones are durable
 * @throws when the database cannot be reached or the outcome is not known: sending again is safe for streams
 */
export async function commitTelemetry(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  turn: Turn = async () => undefined,
): Promise<BatchOutcome[]> {
  try {
    await commitTogether(pool, batches, turn);
    return batches.map(() => ({ kind: "committed" }));
  } catch (error) {
    if (error instanceof StreamsElsewhere) return commitWithout(pool, batches, error.standings, turn);
    if (isDataError(error)) return commitOneByOne(pool, batches, error, turn);
    throw error;
  }
}

/** Some streams did not stand where their steps expected them: the transaction was rolled back. */
class StreamsElsewhere extends Error {
  readonly standings: ReadonlyMap<string, number>;

  constructor(standings: ReadonlyMap<string, number>) {
    super("streams stand elsewhere");
    this.standings = standings;
  }
}

async function commitTogether(pool: Pool, batches: readonly TelemetryBatch[], turn: Turn): Promise<void> {
  const steps = batches.flatMap((batch) => batch.stream ?? []);
  await inTransaction(pool, async (client) => {
    await copyTelemetry(
      client,
      batches.flatMap(({ rows }) => rows),
    );
    await turn();
    if (steps.length === 0) return;
    const advanced = await advanceStreams(client, steps);
    const losers = steps.filter((step) => !advanced.has(step.streamId)).map((step) => step.streamId);
    if (losers.length === 0) return;
    const standings = await committedSeqs(client, losers);
    throw new StreamsElsewhere(new Map(losers.map((streamId) => [streamId, standings.get(streamId) ?? 0])));
  });
}

async function commitWithout(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  standings: ReadonlyMap<string, number>,
  turn: Turn,
): Promise<BatchOutcome[]> {
  const standingOf = (batch: TelemetryBatch) => standings.get(batch.stream?.streamId ?? "");
  const others = batches.filter((batch) => standingOf(batch) === undefined);
  const outcomes = others.length === 0 ? [] : await commitTelemetry(pool, others, turn);
  return batches.map((batch) => {
    const committedSeq = standingOf(batch);
    if (committedSeq !== undefined) return { kind: "conflict", committedSeq };
    return outcomes.shift() ?? { kind: "committed" };
  });
}

/** One batch with a value that PostgreSQL refuses must not take its neighbours with it. */
async function commitOneByOne(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  error: pg.DatabaseError,
  turn: Turn,
): Promise<BatchOutcome[]> {
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) return [unstorable(only, error)];
  const outcomes: BatchOutcome[] = [];
  for (const batch of batches) outcomes.push(...(await commitTelemetry(pool, [batch], turn)));
  return outcomes;
}

/** COPY says on which line it stopped. */
function unstorable({ rows }: TelemetryBatch, error: pg.DatabaseError): BatchOutcome {
  const line = /line (\d+)/.exec(error.where ?? "")?.[1];
  const seq = line === undefined ? undefined : rows[Number(line) - 1]?.seq;
  return { kind: "unstorable", problem: error.message, seq };
}

/** PostgreSQL refused a value: classes 22 (data exception) and 54 (program limit exceeded). */
function isDataError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? "");
}

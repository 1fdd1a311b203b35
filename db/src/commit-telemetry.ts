/** The unit of work that ingest is made of: rows, the blobs that they name and their streams, all or none. */
import pg, { type Pool, type PoolClient } from "pg";
import { advanceStreams } from "./queries/advance-streams.ts";
import { committedSeqs } from "./queries/committed-seqs.ts";
import { copyTelemetry } from "./queries/copy-telemetry.ts";
import { nameBlobs } from "./queries/name-blobs.ts";
import type { Witness } from "./queries/was-committed.ts";
import type { BatchOutcome, TelemetryBatch } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** Resolves when a transaction's turn to move streams has come. */
export type Turn = () => Promise<unknown>;

/** Resolves when every blob that the rows name is on disk. */
export type KeepBlobs = () => Promise<unknown>;

const nothing = async () => undefined;

/**
 * Commits batches of many relays in one transaction: one COPY for all rows, then one compare-and-set for all streams.
 * A batch whose stream stands elsewhere is left out, and so is one that PostgreSQL refuses.
 *
 * @param batches at most one of each stream
 * @param turn waited for between COPY and compare-and-set: so that a transaction can write its rows while the one before
 *   it, which moves the same streams, is still being committed
 * @param keepBlobs called when no sweep can remove the blobs of the rows any more, where there are any
 * @returns the outcome of each batch, in their order; the rows of `committed` ones are durable
 * @throws when the database cannot be reached: nothing was committed but what sending again cannot double
 */
export async function commitTelemetry(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  turn: Turn = nothing,
  keepBlobs: KeepBlobs = nothing,
): Promise<BatchOutcome[]> {
  try {
    await commitTogether(pool, batches, turn, keepBlobs);
    return batches.map(() => ({ kind: "committed" }));
  } catch (error) {
    if (error instanceof StreamsElsewhere) return commitOthers(pool, batches, error.conflicts, turn, keepBlobs);
    if (!isDataError(error)) throw error;
    const refused = await findUnstorable(pool, batches);
    if (refused.size === 0) throw error;
    return commitOthers(pool, batches, refused, turn, keepBlobs);
  }
}

/** Some streams did not stand where their steps expected them: the transaction was rolled back. */
class StreamsElsewhere extends Error {
  readonly conflicts: ReadonlyMap<TelemetryBatch, BatchOutcome>;

  constructor(conflicts: ReadonlyMap<TelemetryBatch, BatchOutcome>) {
    super("streams stand elsewhere");
    this.conflicts = conflicts;
  }
}

async function commitTogether(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  turn: Turn,
  keepBlobs: KeepBlobs,
): Promise<void> {
  const rows = batches.flatMap((batch) => batch.rows);
  const work = async (client: PoolClient) => {
    await copyTelemetry(client, rows);
    await turn();
    // Not before its turn: the transaction before it may name the same ones.
    if (await nameBlobs(client, rows)) await keepBlobs();
    await advanceAll(client, batches);
  };
  await inTransaction(pool, work, { witness: witnessOf(batches) });
}

/** The streams' compare-and-set makes a COMMIT safe to repeat; rows without a stream need a witness. */
function witnessOf(batches: readonly TelemetryBatch[]): Witness | undefined {
  const [row] = batches.find(({ stream, rows }) => stream === undefined && rows.length > 0)?.rows ?? [];
  return row && { table: "robot_telemetry", robotId: row.robotId, kind: row.dataType, createdAt: row.createdAt };
}

async function advanceAll(client: PoolClient, batches: readonly TelemetryBatch[]): Promise<void> {
  const steps = batches.flatMap((batch) => batch.stream ?? []);
  if (steps.length === 0) return;
  const advanced = await advanceStreams(client, steps);
  const losers = batches.filter(({ stream }) => stream !== undefined && !advanced.has(stream.streamId));
  if (losers.length === 0) return;
  const standings = await committedSeqs(
    client,
    losers.flatMap(({ stream }) => stream?.streamId ?? []),
  );
  throw new StreamsElsewhere(
    new Map(
      losers.map((batch) => [
        batch,
        { kind: "conflict", committedSeq: standings.get(batch.stream?.streamId ?? "") ?? 0 },
      ]),
    ),
  );
}

/** Commits the batches that have no outcome yet. */
async function commitOthers(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  known: ReadonlyMap<TelemetryBatch, BatchOutcome>,
  turn: Turn,
  keepBlobs: KeepBlobs,
): Promise<BatchOutcome[]> {
  const others = batches.filter((batch) => !known.has(batch));
  const outcomes = others.length === 0 ? [] : await commitTelemetry(pool, others, turn, keepBlobs);
  return batches.map((batch) => known.get(batch) ?? outcomes.shift() ?? { kind: "committed" });
}

/**
 * One batch with a value that PostgreSQL refuses must not take its neighbours with it: tries each by itself.
 *
 * It writes nothing, so that the good ones are committed together afterwards, all or none.
 */
async function findUnstorable(
  pool: Pool,
  batches: readonly TelemetryBatch[],
): Promise<Map<TelemetryBatch, BatchOutcome>> {
  const refused = new Map<TelemetryBatch, BatchOutcome>();
  await inTransaction(pool, async (client) => {
    for (const batch of batches) {
      await client.query("savepoint batch");
      await copyTelemetry(client, batch.rows).catch((error) => {
        if (!isDataError(error)) throw error;
        refused.set(batch, unstorable(batch, error));
      });
      await client.query("rollback to savepoint batch; release savepoint batch");
    }
  });
  return refused;
}

/** COPY says on which line it stopped. */
function unstorable({ rows }: TelemetryBatch, error: pg.DatabaseError): BatchOutcome {
  const line = /^COPY \w+, line (\d+)/m.exec(error.where ?? "")?.[1];
  const seq = line === undefined ? undefined : rows[Number(line) - 1]?.seq;
  return { kind: "unstorable", problem: error.message, seq };
}

/** PostgreSQL refused a value: classes 22 (data exception) and 54 (program limit exceeded). */
function isDataError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? "");
}

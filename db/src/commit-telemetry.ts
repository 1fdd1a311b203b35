/** The unit of work that ingest is made of: rows, the blobs that they name and their streams, all or none. */
import pg, { type Pool, type PoolClient } from "pg";
import { advanceStreams } from "./queries/advance-streams.ts";
import { committedSeqs } from "./queries/committed-seqs.ts";
import { copyTelemetry } from "./queries/copy-telemetry.ts";
import { nameBlobs } from "./queries/name-blobs.ts";
import type { Witness } from "./queries/was-committed.ts";
import type { BatchOutcome, TelemetryBatch } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** The two moments at which a transaction of telemetry waits for whoever asked for it. An error of either rolls it back. */
export interface CommitMoments {
  /**
   * Its rows are written, its streams not yet moved. Resolves when they may be: so that a transaction can write its rows
   * while the one before it, which moves the same streams, is still being committed.
   */
  rowsWritten?(): Promise<unknown>;
  /**
   * The blobs of its rows are named: no sweep can remove them until it ends. Resolves when every one of them is on disk.
   * Passed over where the rows name none.
   */
  blobsNamed?(): Promise<unknown>;
}

/** Batches that a transaction cannot take, with what becomes of them. */
type LeftOut = ReadonlyMap<TelemetryBatch, BatchOutcome>;

/**
 * Commits batches of many relays in one transaction: one COPY for all rows, then one compare-and-set for all streams.
 * A batch whose stream stands elsewhere is left out, and so is one that PostgreSQL refuses; the others are tried again.
 *
 * @param batches at most one of each stream
 * @returns the outcome of each batch, in their order; the rows of `committed` ones are durable
 * @throws when the database cannot be reached: nothing was committed but what sending again cannot double
 */
export async function commitTelemetry(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  moments: CommitMoments = {},
): Promise<BatchOutcome[]> {
  const outcomes = new Map<TelemetryBatch, BatchOutcome>();
  let rest = batches;
  while (rest.length > 0) {
    const leftOut = await commitTogether(pool, rest, moments);
    for (const [batch, outcome] of leftOut) outcomes.set(batch, outcome);
    rest = leftOut.size === 0 ? [] : rest.filter((batch) => !leftOut.has(batch));
  }
  return batches.map((batch) => outcomes.get(batch) ?? { kind: "committed" });
}

/** Commits all of them and returns none, or commits nothing. */
async function commitTogether(
  pool: Pool,
  batches: readonly TelemetryBatch[],
  moments: CommitMoments,
): Promise<LeftOut> {
  const rows = batches.flatMap((batch) => batch.rows);
  const work = async (client: PoolClient) => {
    await copyTelemetry(client, rows);
    await moments.rowsWritten?.();
    // Not before its turn: the transaction before it may name the same ones.
    if (await nameBlobs(client, rows)) await moments.blobsNamed?.();
    await advanceAll(client, batches);
  };
  try {
    await inTransaction(pool, work, { witness: witnessOf(batches) });
    return new Map();
  } catch (error) {
    if (error instanceof StreamsElsewhere) return error.conflicts;
    if (!isDataError(error)) throw error;
    const refused = await findUnstorable(pool, batches);
    if (refused.size === 0) throw error;
    return refused;
  }
}

/** Some streams did not stand where their steps expected them: the transaction was rolled back. */
class StreamsElsewhere extends Error {
  readonly conflicts: LeftOut;

  constructor(conflicts: LeftOut) {
    super("streams stand elsewhere");
    this.conflicts = conflicts;
  }
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

/**
 * One batch with a value that PostgreSQL refuses must not take its neighbours with it: tries each by itself.
 *
 * It writes nothing, so that the good ones are committed together afterwards, all or none.
 */
async function findUnstorable(pool: Pool, batches: readonly TelemetryBatch[]): Promise<LeftOut> {
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

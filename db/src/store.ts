/** The store: everything the hub asks of PostgreSQL, behind one door. */
import { drizzle } from "drizzle-orm/node-postgres";
import pg, { type Pool } from "pg";
import { type CommitMoments, commitTelemetry } from "./commit-telemetry.ts";
import { migrate } from "./migrate.ts";
import { type ClockLimits, defaultClockLimits, PartitionKeeper } from "./partitions.ts";
import { insertPredictions } from "./queries/insert-predictions.ts";
import { listPayloadSchemas } from "./queries/list-payload-schemas.ts";
import { openStream } from "./queries/open-stream.ts";
import { type PayloadKind, type Revision, revisePayloadSchema } from "./queries/revise-payload-schema.ts";
import { saveCommands } from "./queries/save-commands.ts";
import type {
  BatchOutcome,
  CommandRow,
  PayloadSchemaVersion,
  PayloadShape,
  PredictionRow,
  TelemetryBatch,
} from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** Every method throws when the database cannot be reached. */
export interface Store {
  /** Brings the database to the code's version, and makes the partitions of the next days. */
  prepare(): Promise<void>;
  /** Keeps partitions ahead of time; to be called every hour or so. */
  makePartitionsAhead(): Promise<void>;
  /** Says what is wrong with a packet's time (epoch ms), if anything. */
  problemWithTime(epochMs: number): string | undefined;
  /** Finds or begins a relay's stream; returns its committed seq, `undefined` when another relay began it. */
  openStream(streamId: string, relayId: string): Promise<number | undefined>;
  /** Commits batches in one transaction; see `commit-telemetry.ts`. */
  commitTelemetry(batches: readonly TelemetryBatch[], moments?: CommitMoments): Promise<BatchOutcome[]>;
  insertPredictions(rows: readonly PredictionRow[]): Promise<void>;
  saveCommands(rows: readonly CommandRow[]): Promise<void>;
  /** Brings what is known of a payload's shape up to date; see `revise-payload-schema.ts`. `at` in epoch ms. */
  revisePayloadSchema(
    kind: PayloadKind,
    at: number,
    revise: (known: PayloadShape | undefined) => Revision,
  ): Promise<Revision & { version: number }>;
  /** The versions of payload shapes that began after `since` (epoch ms; all of them when missing). */
  listPayloadSchemas(since?: number): Promise<PayloadSchemaVersion[]>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Connections that are open, those of them that nobody uses, and who waits for one. */
  readonly connections: { open: number; idle: number; waiting: number };
}

/** Whoever made the pool ends it. */
export function createStore(pool: Pool, limits: ClockLimits = defaultClockLimits): Store {
  const partitions = new PartitionKeeper(pool, limits);

  /** Retention may have dropped a partition that was there a moment ago. */
  async function withPartitions<T>(times: readonly number[], write: () => Promise<T>): Promise<T> {
    await partitions.makeFor(times);
    try {
      return await write();
    } catch (error) {
      if (!isMissingPartition(error)) throw error;
      partitions.forget();
      await partitions.makeFor(times);
      return write();
    }
  }

  return {
    async prepare() {
      await migrate(pool);
      await partitions.makeAhead();
    },
    makePartitionsAhead: () => partitions.makeAhead(),
    problemWithTime: (epochMs) => partitions.problemWith(epochMs),
    openStream: (streamId, relayId) => inTransaction(pool, (client) => openStream(client, streamId, relayId)),
    commitTelemetry: (batches, moments) =>
      withPartitions(timesOf(batches), () => commitTelemetry(pool, batches, moments)),
    insertPredictions: (rows) => withPartitions(timesOf([{ rows }]), () => insertPredictions(pool, rows)),
    saveCommands: (rows) => inTransaction(pool, (client) => saveCommands(drizzle(client), rows)),
    revisePayloadSchema: (kind, at, revise) =>
      inTransaction(pool, (client) => revisePayloadSchema(client, kind, at, revise)),
    listPayloadSchemas: (since = 0) => inTransaction(pool, (client) => listPayloadSchemas(client, since)),
    get connections() {
      return { open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
    },
    async ping() {
      await inTransaction(pool, (client) => client.query("select 1"));
    },
  };
}

function timesOf(batches: readonly { rows: readonly { createdAt: number }[] }[]): number[] {
  return batches.flatMap(({ rows }) => rows.map((row) => row.createdAt));
}

/** SQLSTATE 23514: a row fits no partition. */
function isMissingPartition(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "23514";
}

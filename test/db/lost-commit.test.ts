/** A COMMIT whose answer is lost: rows without a stream must not be written again when it was carried out. */
import { randomUUID } from "node:crypto";
import { createStore, openPool, type PredictionRow, type Store, type TelemetryRow } from "@physical-ai/db";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type Ask, wasCommitted } from "../../db/src/queries/was-committed.ts";
import { inTransaction } from "../../db/src/transaction.ts";
import { openProxy, type TcpProxy } from "../src/chaos/proxy.ts";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";

let database: TestDatabase;
let network: TcpProxy;
let pool: pg.Pool;
let store: Store;
let robotId: string;

beforeEach(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const url = new URL(database.url);
  network = await openProxy(Number(url.port));
  url.port = String(network.port);
  pool = openPool(url.href, () => undefined);
  store = createStore(pool);
  await store.prepare();
  robotId = `EP01_${randomUUID()}`;
});

afterEach(async () => {
  await network.close();
  await pool.end();
  await database.drop();
});

/** Cuts the connection at the next COMMIT: right after it, or right before. */
const cut = (where: "after" | "before") =>
  network.trip((chunk) => {
    if (!chunk.includes("commit\0")) return undefined;
    return where === "after" ? chunk.length : 0;
  });

/** Sees everything that goes to the database, and lets it pass. */
function listen(): Buffer[] {
  const heard: Buffer[] = [];
  void network.trip((chunk) => {
    heard.push(chunk);
    return undefined;
  });
  return heard;
}

const countOf = async (table: string) =>
  (await database.pool.query(`select count(*)::int as count from ${table} where robot_id = $1`, [robotId])).rows[0]
    ?.count;

describe.each([
  ["predictions", "ai_predictions", () => store.insertPredictions([predictionOf(), predictionOf()])],
  ["packets without a stream", "robot_telemetry", () => store.commitTelemetry([{ rows: [rowOf(), rowOf()] }])],
])("%s", (_what, table, write) => {
  it("are committed when only the answer was lost", async () => {
    const wasCut = cut("after");
    await write();
    await wasCut;
    expect(await countOf(table)).toBe(2);
  });

  it("are an error when COMMIT did not arrive, and there once after the next attempt", async () => {
    const wasCut = cut("before");
    await expect(write()).rejects.toThrow();
    await wasCut;
    expect(await countOf(table)).toBe(0);
    await write();
    expect(await countOf(table)).toBe(2);
  });

  it("are waited for while the COMMIT is still under way", async () => {
    const letCommit = await holdCommits(table);
    const wasCut = cut("after");
    const writing = write();
    await wasCut;
    const heard = listen();
    await eventually(() => expect(timesHeard("pg_xact_status", heard)).toBeGreaterThan(1));
    await letCommit();
    await writing;
    expect(await countOf(table)).toBe(2);
  });
});

it("packets of a stream are told by their stream's number: no transaction's id is asked for", async () => {
  const streamId = randomUUID();
  await store.openStream(streamId, "relay-1");
  const heard = listen();
  await store.commitTelemetry([
    { rows: [rowOf({ streamId, seq: 1 })], stream: { streamId, expectedSeq: 0, lastSeq: 1 } },
  ]);
  expect([timesHeard("advance-streams", heard), timesHeard("pg_current_xact_id", heard)]).toEqual([1, 0]);
});

describe("after a crash", () => {
  const ask: Ask = (question) => inTransaction(pool, question);
  const witness = () => ({ table: "ai_predictions", robotId, kind: "collision-risk", createdAt: Date.now() }) as const;
  const currentId = () =>
    ask(async (client) => (await client.query("select pg_current_xact_id()::text as xid")).rows[0]?.xid);

  it("an id that went to another transaction proves nothing", async () => {
    expect(await wasCommitted(ask, await currentId(), witness(), 0)).toBe(false);
  });

  it("an id that was never used is that of a transaction that never was", async () => {
    const future = BigInt(await currentId()) + 1_000n;
    expect(await wasCommitted(ask, String(future), witness(), 0)).toBe(false);
  });
});

it("a database that stays away leaves it open, and says so", async () => {
  const ask: Ask = () => Promise.reject(new Error("ECONNREFUSED"));
  const witness = { table: "ai_predictions", robotId, kind: "p", createdAt: 0 } as const;
  await expect(wasCommitted(ask, "1", witness, 0)).rejects.toThrow(/could not be found out/);
});

/** Lets no transaction end that writes to the table, until the function that comes back is called. */
async function holdCommits(table: string): Promise<() => Promise<void>> {
  const lock = 4_711;
  await database.pool.query(
    `create function wait_for_lock() returns trigger language plpgsql as
     $$ begin perform pg_advisory_xact_lock(${lock}); return null; end $$;
     create constraint trigger wait after insert on ${table} deferrable initially deferred
     for each row execute function wait_for_lock()`,
  );
  const holder = await database.pool.connect();
  await holder.query("select pg_advisory_lock($1)", [lock]);
  return async () => {
    await holder.query("select pg_advisory_unlock($1)", [lock]);
    holder.release();
  };
}

const timesHeard = (text: string, heard: readonly Buffer[]) =>
  heard.reduce((count, chunk) => count + (chunk.includes(text) ? 1 : 0), 0);

function predictionOf(): PredictionRow {
  return {
    robotId,
    robotType: "EP01",
    policy: "collision-risk",
    modelVersion: "3f1c9a7be204",
    resultJson: "{}",
    streamId: undefined,
    firstSeq: undefined,
    lastSeq: undefined,
    inferMs: 1,
    totalMs: 2,
    createdAt: Date.now() + 0.3,
  };
}

function rowOf(details: Partial<TelemetryRow> = {}): TelemetryRow {
  return {
    robotId,
    robotType: "EP01",
    dataType: "battery",
    valueJson: "87",
    createdAt: Date.now() + 0.7,
    receivedAt: Date.now(),
    streamId: undefined,
    seq: undefined,
    ...details,
  };
}

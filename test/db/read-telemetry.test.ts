import { openPool } from "@physical-ai/db";
import { readTelemetry, type StoredTelemetry } from "@physical-ai/export";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, interruptDatabase, type TestDatabase } from "../src/database.ts";

const begin = Math.floor(Date.now() / 1_000) * 1_000;

describe("readTelemetry", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    await database.pool.query(
      `insert into robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at, seq)
       select 'R' || n % 2, 'EP01', case when n < 5 then 'imu' else 'odom' end, jsonb_build_object('value', n),
         to_timestamp($1 / 1000.0) + (n / 2) * interval '1.000001 s', now(), n
       from generate_series(20000, 0, -1) n`,
      [begin],
    );
  });
  afterAll(() => database.drop());

  async function read(...options: Parameters<typeof readTelemetry> extends [unknown, ...infer Rest] ? Rest : never) {
    const batches: StoredTelemetry[][] = [];
    for await (const batch of readTelemetry(database.pool, ...options)) batches.push([...batch]);
    return batches;
  }

  it("gives the rows of a selection in the order of time, then seq, in batches", async () => {
    const batches = await read({ robotTypes: ["EP01"] }, { batchRows: 3_000 });
    expect(batches.map((batch) => batch.length)).toEqual([3_000, 3_000, 3_000, 3_000, 3_000, 3_000, 2_001]);
    expect(batches.flat().map(({ value }) => value)).toEqual(Array.from({ length: 20_001 }, (_, index) => index));
  });

  it("gives every column as it was stored, times to the microsecond", async () => {
    const since = new Date(begin + 1_000);
    const [rows] = await read({ robots: ["R0", "O'Neill"], types: ["imu"], since, until: new Date(begin + 2_001) });
    expect(rows).toEqual(
      [2, 4].map((seq) => expect.objectContaining({ robotId: "R0", dataType: "imu", value: seq, seq })),
    );
    expect(rows?.[0]).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      createdAtMs: begin + 1_000.001,
      receivedAtMs: expect.any(Number),
      streamId: undefined,
    });
  });

  it("throws when the database goes away in the middle", async () => {
    const pool = openPool(database.url, () => undefined);
    const rows = readTelemetry(pool, {}, { batchRows: 10 });
    await rows.next();
    const restore = await interruptDatabase(inject("postgresUrl"), database.url);
    const readOn = async () => {
      while ((await rows.next()).done !== true);
    };
    await expect(readOn()).rejects.toThrow("the database went away in the middle");
    await restore();
    await pool.end();
  });
});

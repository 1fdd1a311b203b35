import { dayOf, dropPartitionsBefore } from "@physical-ai/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

const dayMs = 86_400_000;

describe("retention", () => {
  let database: TestDatabase;
  const today = dayOf(Date.now());

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
  });
  afterAll(() => database.drop());

  async function store(daysAgo: number): Promise<void> {
    const createdAt = Date.now() - daysAgo * dayMs;
    const row = { robotId: "EP01", robotType: "EP01", dataType: "battery", valueJson: String(daysAgo), createdAt };
    await database.store.commitTelemetry([
      { rows: [{ ...row, receivedAt: createdAt, streamId: undefined, seq: undefined }] },
    ]);
  }

  async function storedAges(): Promise<number[]> {
    const { rows } = await database.pool.query(
      "select (payload->>'value')::int as age from robot_telemetry order by created_at desc",
    );
    return rows.map((row) => row.age);
  }

  it("drops whole days before the first that is kept, and says which", async () => {
    for (const age of [0, 5, 10, 20]) await store(age);
    const dropped: string[] = [];
    const note = ({ name }: { name: string }) => void dropped.push(name);
    await dropPartitionsBefore(database.pool, today - 7, note, true);
    // Of both partitioned tables.
    expect(dropped).toHaveLength(4);
    expect(await storedAges()).toEqual([0, 5, 10, 20]);

    dropped.length = 0;
    await dropPartitionsBefore(database.pool, today - 7, note);
    // Of both partitioned tables.
    expect(dropped).toHaveLength(4);
    expect(await storedAges()).toEqual([0, 5]);
  });

  it("does not stand in the way of packets that come late for a day that was dropped", async () => {
    await store(9);
    await dropPartitionsBefore(database.pool, today - 7, () => undefined);
    await store(9);
    expect(await storedAges()).toEqual([0, 5, 9]);
  });

  it("finishes what was interrupted between the detachment and the drop", async () => {
    await store(9);
    const { rows } = await database.pool.query(
      "select relname as name from pg_class join pg_inherits on inhrelid = oid where inhparent = 'robot_telemetry'::regclass order by relname limit 1",
    );
    await database.pool.query(`alter table robot_telemetry detach partition ${rows[0].name} concurrently`);
    const dropped: string[] = [];
    await dropPartitionsBefore(database.pool, today - 7, ({ name }) => void dropped.push(name));
    expect(dropped).toContain(rows[0].name);
    await store(9);
    expect(await storedAges()).toEqual([0, 5, 9]);
  });

  it("finishes a detachment that was interrupted", async () => {
    await store(9);
    // A reader in the way makes the concurrent detachment time out after its first half.
    const reader = await database.pool.connect();
    await reader.query("begin");
    await reader.query("select count(*) from robot_telemetry");
    const blocked = await database.pool.connect();
    const { rows } = await blocked.query(
      "select relname from pg_class join pg_inherits on inhrelid = oid where inhparent = 'robot_telemetry'::regclass order by relname limit 1",
    );
    await blocked.query("set statement_timeout = 200");
    await expect(
      blocked.query(`alter table robot_telemetry detach partition ${rows[0].relname} concurrently`),
    ).rejects.toThrow(/timeout/);
    await blocked.query("reset statement_timeout");
    blocked.release();
    await reader.query("commit");
    reader.release();
    await dropPartitionsBefore(database.pool, today - 7, () => undefined);
    expect(await storedAges()).toEqual([0, 5]);
  });
});

import { createStore, openPool } from "@physical-ai/db";
import type { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { createEmptyDatabase } from "../src/database.ts";

describe("migrations", () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let pool: Pool;
  beforeEach(async () => {
    database = await createEmptyDatabase(inject("postgresUrl"));
    pool = openPool(database.url, () => undefined);
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  async function appliedMigrations(): Promise<number> {
    const { rows } = await pool.query("select count(*)::int as count from drizzle.__drizzle_migrations");
    return rows[0].count;
  }

  it("are applied once when several hubs start at once", async () => {
    await Promise.all([1, 2, 3].map(() => createStore(pool).prepare()));
    const once = await appliedMigrations();
    await createStore(pool).prepare();
    expect(await appliedMigrations()).toBe(once);
    const { rows } = await pool.query(
      "select relname from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace order by 1",
    );
    expect(rows.map((row) => row.relname)).toEqual([
      "ai_predictions",
      "blobs",
      "payload_schemas",
      "relay_streams",
      "robot_commands",
      "robot_telemetry",
    ]);
  });

  it("make the partitions of today and of every day that a clock may be ahead", async () => {
    await createStore(pool, { pastDays: 31, futureDays: 1 }).prepare();
    const days = [0, 1, 2].map((ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10));
    const { rows } = await pool.query("select relname from pg_class where relispartition and relkind = 'r' order by 1");
    expect(rows.map((row) => row.relname)).toEqual(
      ["ai_predictions", "robot_telemetry"].flatMap((table) =>
        days.map((day) => `${table}_${day.replaceAll("-", "")}`),
      ),
    );
  });

  it("refuse a database that is newer than the code, and leave it alone", async () => {
    await createStore(pool).prepare();
    const inAYear = Date.now() + 365 * 86_400_000;
    await pool.query("insert into drizzle.__drizzle_migrations (hash, created_at) values ('of the future', $1)", [
      inAYear,
    ]);
    const before = await appliedMigrations();
    await expect(createStore(pool).prepare()).rejects.toThrow("the database is newer than this code");
    expect(await appliedMigrations()).toBe(before);
  });

  it("let go of their lock when they fail", async () => {
    await createStore(pool).prepare();
    await pool.query("update drizzle.__drizzle_migrations set created_at = created_at + 1e12");
    await expect(createStore(pool).prepare()).rejects.toThrow("newer");
    await pool.query("update drizzle.__drizzle_migrations set created_at = created_at - 1e12");
    await createStore(pool).prepare();
  });
});

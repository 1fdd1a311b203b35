import { openReadingPool } from "@physical-ai/db";
import { expect, inject, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../src/database.ts";

it("a reading pool reads, and writes nothing", async () => {
  const database = await createTestDatabase(inject("postgresUrl"));
  onTestFinished(() => database.drop());
  const pool = openReadingPool(database.url, () => undefined);
  onTestFinished(() => pool.end());
  expect((await pool.query("select count(*)::int as count from robot_telemetry")).rows).toEqual([{ count: 0 }]);
  await expect(pool.query("delete from robot_telemetry")).rejects.toThrow("read-only transaction");
});

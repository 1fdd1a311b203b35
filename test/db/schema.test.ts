import { readFile } from "node:fs/promises";
import {
  aiPredictions,
  blobs,
  dumpSchema,
  payloadSchemas,
  relayStreams,
  robotCommands,
  robotTelemetry,
} from "@physical-ai/db";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

describe("what the code says of the tables", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
  });
  afterAll(() => database.drop());

  it.each(
    [robotTelemetry, aiPredictions, robotCommands, relayStreams, blobs, payloadSchemas].map((table) => [
      getTableConfig(table).name,
      table,
    ]),
  )("db/src/schema.ts has the columns of %s", async (_name, table) => {
    expect(columnsInCode(table)).toEqual(await columnsInDatabase(table));
  });

  it("db/schema.sql is what the migrations make", async () => {
    const file = await readFile(new URL("../../db/schema.sql", import.meta.url), "utf8");
    const remedy = "npm run db -- schema > db/schema.sql writes it anew";
    expect(file, remedy).toBe(await dumpSchema(database.pool));
  });

  function columnsInCode(table: PgTable) {
    return getTableConfig(table).columns.map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      nullable: !column.notNull,
    }));
  }

  async function columnsInDatabase(table: PgTable) {
    const { rows } = await database.pool.query(
      `select column_name as name, data_type as type, is_nullable = 'YES' as nullable
       from information_schema.columns where table_schema = 'public' and table_name = $1 order by ordinal_position`,
      [getTableConfig(table).name],
    );
    return rows;
  }
});

/** Transactions whose connection the network forgets: nobody may wait for them for ever. */
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { inTransaction } from "../../db/src/transaction.ts";
import { openProxy, type TcpProxy } from "../src/chaos/proxy.ts";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

const patienceMs = 500;
let database: TestDatabase;
let network: TcpProxy;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const url = new URL(database.url);
  network = await openProxy(Number(url.port));
  url.port = String(network.port);
  pool = new pg.Pool({ connectionString: url.href });
  pool.on("connect", (client) => client.on("error", () => undefined));
  await pool.query("create table counter as select 0 as value");
});

afterEach(async () => {
  await network.close();
  await pool.end();
  await database.drop();
});

test("a transaction on a forgotten connection is given up, and its place in the pool is free again", async () => {
  const forgotten = inTransaction(
    pool,
    async (client) => {
      network.forget();
      await client.query("select 1");
    },
    { patienceMs },
  );
  await expect(forgotten).rejects.toThrow(/did not end within 500 ms/);
  expect(pool.totalCount).toBe(0);
  expect((await inTransaction(pool, (client) => client.query("select 1 as one"))).rows).toEqual([{ one: 1 }]);
});

test("the database lets go of what a forgotten transaction had locked", async () => {
  const increment = "update counter set value = value + 1 returning value";
  const forgotten = inTransaction(
    pool,
    async (client) => {
      await client.query(increment);
      network.forget();
      await client.query("select 1");
    },
    { patienceMs },
  );
  await expect(forgotten).rejects.toThrow();
  expect((await inTransaction(pool, (client) => client.query(increment))).rows).toEqual([{ value: 1 }]);
});

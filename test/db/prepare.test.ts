/** A start on a bad network: whatever breaks, it is known for an outage, and the next try is as good as the first. */
import { createStore, openPool, type Store } from "@physical-ai/db";
import type pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { isUnreachable } from "../../hub/src/durable/outage.ts";
import { openProxy, type TcpProxy } from "../src/chaos/proxy.ts";
import { createEmptyDatabase } from "../src/database.ts";

let database: { url: string; drop(): Promise<void> };
let network: TcpProxy;
let pool: pg.Pool;
let store: Store;

beforeEach(async () => {
  database = await createEmptyDatabase(inject("postgresUrl"));
  const url = new URL(database.url);
  network = await openProxy(Number(url.port));
  url.port = String(network.port);
  pool = openPool(url.href, () => undefined);
  store = createStore(pool);
});

afterEach(async () => {
  await pool.end();
  await network.close();
  await database.drop();
});

test("a connection may break after any message of the start", async () => {
  let cut = true;
  for (let message = 1; cut; message++) {
    cut = false;
    let passed = 0;
    void network.trip((chunk) => {
      passed += 1;
      cut ||= passed === message;
      return passed === message ? chunk.length : undefined;
    });
    const outcome = await store.prepare().then(
      () => true,
      (error: unknown) => isUnreachable(error) || error,
    );
    expect(outcome, `after message ${message}`).toBe(true);
    network.disarm();
  }
  await store.prepare();
  await store.ping();
});

test("a database that is still being made is an outage, a refused password is none", async () => {
  const problemOf = async (change: (url: URL) => void) => {
    const url = new URL(database.url);
    change(url);
    const elsewhere = openPool(url.href, () => undefined);
    const problem = await createStore(elsewhere)
      .prepare()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    await elsewhere.end();
    return problem;
  };
  const missing = await problemOf((url) => {
    url.pathname = "/not_made_yet";
  });
  const refused = await problemOf((url) => {
    url.password = "wrong";
  });
  expect([isUnreachable(missing), isUnreachable(refused)]).toEqual([true, false]);
  expect(refused).toBeInstanceOf(Error);
});

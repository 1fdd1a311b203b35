import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { BatchWriter } from "./batch-writer.ts";
import { DatabaseOutage } from "./outage.ts";

const logger = pino({ level: "silent" });
const outage = new DatabaseOutage(logger);
const bounds = { what: "numbers", maxRowsPerWrite: 3, maxWaiting: 10, bytesOf: () => 1, retryMs: 1, gatherMs: 0 };
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const sqlError = (code: string) => Object.assign(new Error("refused"), { code });

/** A database that takes rows while `problem` is undefined. */
function createDatabase() {
  const database = {
    problem: undefined as Error | undefined,
    attempts: 0,
    writes: [] as (readonly number[])[],
    async write(rows: readonly number[]) {
      database.attempts++;
      if (database.problem !== undefined) throw database.problem;
      database.writes.push(rows);
    },
  };
  return database;
}

describe("the batch writer", () => {
  it("writes in order and in batches", async () => {
    const database = createDatabase();
    const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
    for (const row of oneTo(7)) writer.add(row, "a");
    expect(writer.stats).toEqual({ waiting: 7, written: 0, lost: 0 });
    await writer.close(1_000);
    expect(database.writes).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(writer.stats).toEqual({ waiting: 0, written: 7, lost: 0 });
  });

  it("writes what comes after a pause", async () => {
    const database = createDatabase();
    const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
    for (const row of [1, 2]) {
      writer.add(row, "a");
      await expect.poll(() => writer.stats.written).toBe(row);
    }
    expect(database.writes).toEqual([[1], [2]]);
  });

  it("tries again while the database is away, and loses nothing", async () => {
    const database = createDatabase();
    database.problem = new Error("ECONNREFUSED");
    const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
    for (const row of oneTo(5)) writer.add(row, "a");
    await expect.poll(() => database.attempts).toBeGreaterThan(1);
    database.problem = undefined;
    await writer.close(1_000);
    expect(database.writes.flat()).toEqual(oneTo(5));
    expect(writer.stats).toEqual({ waiting: 0, written: 5, lost: 0 });
  });

  it("is bounded: while the database is away the oldest are given up, and counted", async () => {
    const database = createDatabase();
    database.problem = new Error("ECONNREFUSED");
    const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
    writer.add(1, "a");
    await expect.poll(() => database.attempts).toBeGreaterThan(0);
    for (const row of oneTo(30)) writer.add(100 + row, "a");
    expect(writer.stats.waiting).toBeLessThanOrEqual(bounds.maxWaiting + 1);
    const { waiting, lost } = writer.stats;
    expect(waiting + lost).toBe(31);
    database.problem = undefined;
    await writer.close(1_000);
    expect(database.writes.flat().at(-1)).toBe(130);
    expect(writer.stats).toEqual({ waiting: 0, written: waiting, lost });
  });

  it.each(["22P05", "23505", "54000"])(
    "does not try again what the database refuses (%s), and goes on",
    async (code) => {
      const database = createDatabase();
      database.problem = sqlError(code);
      const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
      writer.add(1, "a");
      await expect.poll(() => writer.stats.lost).toBe(1);
      database.problem = undefined;
      writer.add(2, "a");
      await writer.close(1_000);
      expect(database.writes).toEqual([[2]]);
      expect(database.attempts).toBe(2);
    },
  );

  it("gives up at closing what the database does not take in time", async () => {
    const database = createDatabase();
    database.problem = new Error("ECONNREFUSED");
    const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
    for (const row of oneTo(5)) writer.add(row, "a");
    expect(await writer.close(5)).toBe(false);
    expect(writer.stats).toEqual({ waiting: 0, written: 0, lost: 5 });
  });

  it("takes nothing after it was closed, and counts that as lost", async () => {
    const database = createDatabase();
    const writer = new BatchWriter({ logger, outage }, { ...bounds, write: database.write });
    writer.add(1, "a");
    const closed = writer.close(1_000);
    writer.add(2, "a");
    await closed;
    writer.add(3, "a");
    expect(writer.stats).toEqual({ waiting: 0, written: 1, lost: 2 });
    expect(database.writes).toEqual([[1]]);
  });

  it("closes at once when nothing waits", async () => {
    const writer = new BatchWriter<number>({ logger, outage }, { ...bounds, write: createDatabase().write });
    expect(await writer.close(60_000)).toBe(true);
  });
});

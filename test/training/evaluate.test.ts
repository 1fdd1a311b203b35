/** What an evaluation compares, and what it refuses before it begins. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runTraining } from "../src/command-lines.ts";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

describe("an evaluation", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    const loose = { robotId: "EP01", robotType: "EP01", streamId: undefined };
    const at = Date.now();
    const valueJson = JSON.stringify({ ranges: Array.from({ length: 24 }, () => 1) });
    await database.store.commitTelemetry([
      { rows: [{ ...loose, dataType: "ultrasound", valueJson, createdAt: at, receivedAt: at, seq: undefined }] },
    ]);
    const said = { policy: "wall-following", modelVersion: "3f1c9a7be204", resultJson: '{"label":"Move-Forward"}' };
    const times = { inferMs: 1, totalMs: 2, createdAt: at + 5 };
    await database.store.insertPredictions([{ ...loose, ...said, ...times, firstSeq: undefined, lastSeq: undefined }]);
  });
  afterAll(() => database.drop());

  const evaluate = (...args: string[]) =>
    runTraining("policy", "evaluate", "--policy", "wall-following", "--database-url", database.url, ...args);

  it("takes no prediction that names no packet for that of a packet without a stream", async () => {
    const figures = JSON.parse(await evaluate("--json"));
    expect(figures).toMatchObject({ predicted: 1, stored: { compared: 0 } });
  });

  it("says before it begins that its differences have no place", async () => {
    await expect(evaluate("--out", "/nowhere/differences.csv")).rejects.toThrow("there is no folder /nowhere");
  });
});

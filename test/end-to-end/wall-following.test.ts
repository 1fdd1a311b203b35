/** The loop on real data: relay → hub → PostgreSQL → worker → viewer, over real sockets, as processes. */
import { readFile } from "node:fs/promises";
import { predictionType } from "@physical-ai/unity-protocol";
import { connectToHub } from "@physical-ai/unity-protocol/client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { findRecording } from "../src/recordings.ts";
import { copyPatientPolicies, startTestStack, type TestStack } from "../src/test-stack.ts";

const recording = findRecording("wall_following_24.csv");
const sampleCount = 5_456;

describe.skipIf(recording === undefined)("the wall-following recording", () => {
  let database: TestDatabase;
  let stack: TestStack;
  let policies: Awaited<ReturnType<typeof copyPatientPolicies>>;
  let seenByViewer = 0;

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    policies = await copyPatientPolicies();
    stack = await startTestStack({
      databaseUrl: database.url,
      relayArgs: ["replay", String(recording), "--rate", "600", "--robot-id", "SCITOS_01"],
      workerArgs: ["--policies", policies.folder],
    });
    const viewer = connectToHub({
      url: stack.url,
      token: stack.viewerToken,
      registration: () => ({ role: "viewer", id: "test", protocol: 1, filter: { types: [predictionType] } }),
      onRegistered: () => undefined,
    });
    viewer.socket.on("update_data", () => {
      seenByViewer++;
    });
    await stack.processes.get("relay")?.ended;
    await eventually(async () => expect(await count("ai_predictions")).toBe(sampleCount));
    viewer.close();
  });

  afterAll(async () => {
    await stack?.stop();
    await policies?.remove();
    await database?.drop();
  });

  async function count(table: string): Promise<number> {
    const { rows } = await database.pool.query(`select count(*)::int as count from ${table}`);
    return rows[0].count;
  }

  it("is stored row by row, equal to the file value by value", async () => {
    const lines = (await readFile(String(recording), "utf8")).trim().split("\n").slice(1);
    const expected = lines.map((line) => {
      const cells = line.trim().split(",");
      return { ranges: cells.slice(0, 24).map(Number), label: cells[24] };
    });
    const { rows } = await database.pool.query(
      "select payload->'value' as value from robot_telemetry where data_type = 'ultrasound' order by seq",
    );
    expect(expected).toHaveLength(sampleCount);
    expect(rows.map((row) => row.value)).toEqual(expected);
    expect(await count("robot_telemetry")).toBe(sampleCount);
  });

  it("gets one prediction a row, each traceable to its row", async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int as joined, count(distinct telemetry.seq)::int as inputs
       from ai_predictions as prediction
       join robot_telemetry as telemetry
         on telemetry.stream_id = prediction.stream_id and telemetry.seq = prediction.last_seq
       where prediction.policy = 'wall-following' and prediction.first_seq = prediction.last_seq`,
    );
    expect(rows[0]).toEqual({ joined: sampleCount, inputs: sampleCount });
  });

  it("is predicted right on the quarter that training never saw", async () => {
    const { rows } = await database.pool.query(
      `select avg((prediction.result_payload->>'label' = telemetry.payload->'value'->>'label')::int)::float as accuracy,
              count(*)::int as samples
       from ai_predictions as prediction
       join robot_telemetry as telemetry
         on telemetry.stream_id = prediction.stream_id and telemetry.seq = prediction.last_seq
       where telemetry.seq > $1`,
      [sampleCount * 0.75],
    );
    console.info(`wall-following: accuracy ${rows[0].accuracy} on the held-out ${rows[0].samples} rows`);
    expect(rows[0].samples).toBe(sampleCount / 4);
    expect(rows[0].accuracy).toBeGreaterThanOrEqual(0.98);
  });

  it("reaches viewers, prediction by prediction", () => {
    expect(seenByViewer).toBe(sampleCount);
  });
});

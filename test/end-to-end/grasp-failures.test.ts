/** 88 grasps with their forces and torques: windows of 15 samples, each judged by the collision-risk policy. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { findRecording } from "../src/recordings.ts";
import { copyPatientPolicies, startTestStack, type TestStack } from "../src/test-stack.ts";

const recording = findRecording("robot_execution_failures_lp1.txt");
const graspCount = 88;
const samplesPerGrasp = 15;

describe.skipIf(recording === undefined)("the grasp recordings", () => {
  let database: TestDatabase;
  let stack: TestStack;
  let policies: Awaited<ReturnType<typeof copyPatientPolicies>>;

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    policies = await copyPatientPolicies();
    stack = await startTestStack({
      databaseUrl: database.url,
      relayArgs: ["replay", String(recording), "--rate", "400"],
      workerArgs: ["--policies", policies.folder],
    });
    await stack.processes.get("relay")?.ended;
    await eventually(async () => {
      const { rows } = await database.pool.query("select count(*)::int as count from ai_predictions");
      expect(rows[0].count).toBe(graspCount);
    });
  });

  afterAll(async () => {
    await stack?.stop();
    await policies?.remove();
    await database?.drop();
  });

  it("are stored sample by sample", async () => {
    const { rows } = await database.pool.query(
      "select count(*)::int as count from robot_telemetry where data_type = 'force_torque'",
    );
    expect(rows[0].count).toBe(graspCount * samplesPerGrasp);
  });

  it("get one prediction a grasp, made from the fifteen samples of that grasp and no other", async () => {
    const { rows } = await database.pool.query(
      `select prediction.last_seq - prediction.first_seq + 1 as samples,
              count(distinct telemetry.payload->'value'->>'block')::int as grasps,
              prediction.result_payload->>'message' as message
       from ai_predictions as prediction
       join robot_telemetry as telemetry
         on telemetry.stream_id = prediction.stream_id
         and telemetry.seq between prediction.first_seq and prediction.last_seq
       group by prediction.id, prediction.last_seq, prediction.first_seq, prediction.result_payload`,
    );
    expect(rows).toHaveLength(graspCount);
    for (const row of rows) {
      expect(row).toMatchObject({ samples: String(samplesPerGrasp), grasps: 1 });
      expect(row.message).toMatch(/^Collision risk \d+%$/);
    }
  });

  it("are told apart by the served model, which has seen them in training", async () => {
    const { rows } = await database.pool.query(
      `select avg((prediction.result_payload->>'label' = telemetry.payload->'value'->>'label')::int)::float as accuracy
       from ai_predictions as prediction
       join robot_telemetry as telemetry
         on telemetry.stream_id = prediction.stream_id and telemetry.seq = prediction.last_seq`,
    );
    expect(rows[0].accuracy).toBeGreaterThanOrEqual(0.98);
  });
});

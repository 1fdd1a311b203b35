/** The demonstration that `npm start` is: the simulated robot, driven by the policy through the hub. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { startTestStack, type TestStack } from "../src/test-stack.ts";

describe("the demonstration", () => {
  let database: TestDatabase;
  let stack: TestStack;

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    stack = await startTestStack({ databaseUrl: database.url, relayArgs: ["simulator"] });
  });

  afterAll(async () => {
    await stack?.stop();
    await database?.drop();
  });

  async function count(sql: string): Promise<number> {
    const { rows } = await database.pool.query(`select count(*)::int as count from ${sql}`);
    return rows[0].count;
  }

  it("closes the loop: the policy's actions move the robot", async () => {
    await eventually(async () => {
      expect(
        await count("robot_commands where status = 'acknowledged' and sender = 'policy:wall-following'"),
      ).toBeGreaterThan(5);
    });
    const moved = `robot_telemetry where data_type = 'odom' and (payload->'value'->>'linear')::float > 0.2`;
    await eventually(async () => expect(await count(moved)).toBeGreaterThan(0));
  });

  it("goes on by itself after the hub was killed, and no row is missing or doubled", async () => {
    const rowsBefore = await count("robot_telemetry");
    const pid = stack.processes.get("hub")?.pid;
    if (pid === undefined) throw new Error("the hub does not run");
    process.kill(pid, "SIGKILL");
    await eventually(async () => expect(await count("robot_telemetry")).toBeGreaterThan(rowsBefore + 300));
    await eventually(async () => {
      expect(await count("robot_commands where created_at > now() - interval '2 seconds'")).toBeGreaterThan(0);
    });

    await stack.stopClients();
    const { rows } = await database.pool.query(
      "select count(*)::int as count, count(distinct seq)::int as numbers, max(seq)::int as last from robot_telemetry",
    );
    const { count: stored, numbers, last } = rows[0];
    expect([stored, numbers]).toEqual([last, last]);
    expect(stack.processes.get("relay")?.lastMessage).toMatchObject({ stats: { produced: stored, backlog: 0 } });
  });

  it("answers the query for a battery's curve", async () => {
    const { rows } = await database.pool.query(
      `SELECT created_at, (payload->>'value')::float AS battery_val
       FROM robot_telemetry WHERE data_type = 'battery' AND robot_id = 'EP01' ORDER BY created_at`,
    );
    expect(rows.length).toBeGreaterThan(3);
    const curve = rows.map((row) => row.battery_val);
    expect(curve).toEqual([...curve].sort((a, b) => b - a));
    expect(curve.at(-1)).toBeGreaterThan(0);
  });
});

/** `GET /api/export`: the same bytes as `npm run export`, with the same access as everything else. */
import { randomBytes } from "node:crypto";
import { signToken } from "@physical-ai/hub/access";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startExport } from "../src/command-lines.ts";
import { interruptDatabase } from "../src/database.ts";
import { type InProcessHub, startInProcessHub } from "../src/in-process-hub.ts";

const secret = randomBytes(32).toString("base64url");

describe("/api/export", () => {
  let scene: InProcessHub;
  let token: string;
  beforeAll(async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { access: { secret, allowAnonymous: false } });
    token = await signToken({ role: "viewer", id: "v" }, secret);
    await scene.database.pool.query(
      `insert into robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at)
       select 'EP0' || (n % 2), 'EP01', 'imu', jsonb_build_object('value', jsonb_build_array(n, n * 0.5)), now(), now()
       from generate_series(1, 300000) n`,
    );
  });
  afterAll(() => scene.close());

  const get = (query: string) =>
    fetch(new URL(`/api/export${query}`, scene.url), { headers: { authorization: `Bearer ${token}` } });

  it("is closed to whoever has no token", async () => {
    const response = await fetch(new URL("/api/export", scene.url));
    expect(response.status).toBe(401);
    await response.arrayBuffer();
  });

  it.each(["csv", "parquet"])("gives the same as the command in %s", async (format) => {
    const response = await get(`?format=${format}&robot=EP01&type=imu,odom`);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-export-rows")).toBe("150000");
    expect(response.headers.get("x-export-misfits")).toBe("0");
    expect(response.headers.get("content-disposition")).toContain(`telemetry.${format}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (format === "parquet") {
      expect(bytes.subarray(-4).toString()).toBe("PAR1");
      return;
    }
    const { stdout } = await startExport(scene.database.url, "--robot", "EP01", "--format", format, "--out", "-").ended;
    expect(bytes.toString() === stdout).toBe(true);
  });

  it.each([
    ["?format=xls", "format"],
    ["?since=noon", "expected a moment"],
    ["?robt=EP01", "unknown parameter robt; there are format, table, robot,"],
    ["?robot=", "expected a name"],
    ["?robot=a%00b", "expected a name"],
    ["?since=2026-03-02&until=2026-03-01", "expected since before until"],
  ])("says what is wrong with %s", async (query, problem) => {
    const response = await get(query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ ok: false, error: { message: expect.stringContaining(problem) } });
  });

  it("says which robots there are when nothing is chosen", async () => {
    const response = await get("?robot=EP1");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      ok: false,
      error: { code: "no_rows", message: "no rows of telemetry of robot EP1; the robots that have some: EP00, EP01" },
    });
  });

  it("says so when the rows cannot be exported as asked, which asking again would not change", async () => {
    await scene.database.pool.query(
      `insert into robot_commands (command_id, robot_id, command, params, sender, status, created_at, updated_at)
       select gen_random_uuid(), 'EP00', 'drive', jsonb_object_agg('wheel' || n, n), 'v', 'sent', now(), now()
       from generate_series(1, 1200) n`,
    );
    const response = await get("?table=commands");
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      ok: false,
      error: { code: "not_exportable", message: expect.stringMatching(/more than 1000 fields.*choose fewer/) },
    });
  });

  it("breaks the connection when the database goes away in the middle", async () => {
    const response = await get("?format=csv");
    const reader = response.body?.getReader();
    await reader?.read();
    const restore = await interruptDatabase(inject("postgresUrl"), scene.database.url);
    const readOn = async () => {
      while ((await reader?.read())?.done === false);
    };
    await expect(readOn()).rejects.toThrow();
    await restore();
  });
});

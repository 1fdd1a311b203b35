import { randomBytes } from "node:crypto";
import { signToken } from "@physical-ai/hub/access";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { interruptDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, newRobot, packetsOf, startInProcessHub } from "../src/in-process-hub.ts";

const secret = randomBytes(32).toString("base64url");

describe("HTTP", () => {
  let scene: InProcessHub;
  beforeAll(async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { access: { secret, allowAnonymous: false } });
  });
  afterAll(() => scene.close());

  const get = (path: string, token?: string) =>
    fetch(new URL(path, scene.url), token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  it("/healthz says that the hub lives", async () => {
    const response = await get("/healthz");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true });
  });

  it("/readyz says whether the database answers, and why not", async () => {
    expect((await get("/readyz")).status).toBe(200);
    const restore = await interruptDatabase(inject("postgresUrl"), scene.database.url);
    const response = await get("/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ok: false, problem: expect.stringMatching(/connection/i) });
    expect((await get("/healthz")).status).toBe(200);
    await restore();
    await eventually(async () => expect((await get("/readyz")).status).toBe(200));
  });

  it("/api/robots lists robots to whoever has a token", async () => {
    const robot = newRobot();
    const relay = await scene.join(
      { role: "relay", id: "relay-1", protocol: 1 },
      await signToken({ role: "relay", id: "relay-1" }, secret),
    );
    await relay.ask("relay_to_hub", packetsOf(robot, 1, 1, { type: "battery" }));
    const response = await get("/api/robots", await signToken({ role: "viewer", id: "v" }, secret));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ok: true,
      robots: [
        {
          robot_id: robot,
          robot_type: "EP01",
          status: "online",
          relay_id: "relay-1",
          last_seen: expect.any(Number),
          data_types: ["battery"],
        },
      ],
    });
  });

  it.each([
    ["no token", undefined],
    ["a wrong token", "letmein"],
  ])("/api/robots is closed to %s", async (_what, token) => {
    const response = await get("/api/robots", token);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ ok: false, error: { code: "unauthorized" } });
  });

  it("/metrics says what the hub has done, to whoever has a token", async () => {
    expect((await get("/metrics")).status).toBe(401);
    const token = await signToken({ role: "relay", id: "relay-2" }, secret);
    const relay = await scene.join({ role: "relay", id: "relay-2", protocol: 1 }, token);
    await relay.ask("relay_to_hub", packetsOf(newRobot(), 1, 3));
    await relay.ask("relay_to_hub", { robot_id: "no packet" });
    await expect(scene.connect("letmein")).rejects.toThrow("unauthorized");
    const text = await (await get("/metrics", token)).text();
    const reading = (series: string) =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${series} `))
          ?.split(" ")[1],
      );
    expect(reading("hub_packets_received_total")).toBeGreaterThanOrEqual(3);
    expect(reading("hub_rows_committed_total")).toBeGreaterThanOrEqual(3);
    expect(reading("hub_transaction_rows_sum")).toBe(reading("hub_rows_committed_total"));
    expect(reading('hub_stage_seconds_count{stage="committed"}')).toBeGreaterThanOrEqual(1);
    expect(reading('hub_messages_refused_total{code="invalid_message"}')).toBe(1);
    expect(reading('hub_connections_turned_away_total{reason="unauthorized"}')).toBe(1);
    expect(reading('hub_clients{role="relay"}')).toBeGreaterThanOrEqual(1);
    expect(reading('hub_robots{status="online"}')).toBeGreaterThanOrEqual(1);
    expect(reading("hub_waiting_rows")).toBe(0);
  });

  it("knows nothing of other paths, and serves no file outside its page", async () => {
    for (const path of ["/api/secrets", "/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json"]) {
      expect((await get(path)).status, path).toBeGreaterThanOrEqual(400);
    }
  });

  it("tells browsers to load nothing from elsewhere", async () => {
    const { headers } = await get("/healthz");
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { createMetrics, Registry } from "./metrics.ts";
import { type Health, openStatusServer, type StatusServer } from "./status-server.ts";

const opened: StatusServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

/** Opens one on a free port; returns its address. */
async function open(health: () => Health, registry = new Registry()): Promise<string> {
  const lines: { url: string }[] = [];
  const logger = pino({}, { write: (line) => lines.push(JSON.parse(line)) });
  opened.push(await openStatusServer({ health, registry, logger }, { statusHost: "127.0.0.1", statusPort: 0 }));
  return lines[0]?.url ?? "";
}

test("the code says whether the process can do its part, the body why", async () => {
  let health: Health = { ok: false, problem: "still loading" };
  const url = await open(() => health);
  const before = await fetch(`${url}/healthz`);
  expect([before.status, await before.json()]).toEqual([503, { ok: false, problem: "still loading" }]);
  health = { ok: true, registered: false };
  const after = await fetch(`${url}/healthz`);
  expect([after.status, await after.json()]).toEqual([200, { ok: true, registered: false }]);
});

test("metrics are read when they are asked for", async () => {
  const registry = new Registry();
  const metrics = createMetrics(registry, "robot_");
  let steps = 1;
  metrics.counter("steps_total", "Steps.", () => steps);
  metrics.gaugeBy(["side"], "force_newtons", "Force.", () => Object.entries({ left: 2 }));
  const observe = metrics.histogram("step_seconds", "A step.", [0.1, 1]);
  const url = await open(() => ({ ok: true }), registry);
  steps = 7;
  observe(0.5);
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get("content-type")).toContain("text/plain");
  const text = await answer.text();
  expect(text).toContain("robot_steps_total 7\n");
  expect(text).toContain('robot_force_newtons{side="left"} 2\n');
  expect(text).toContain('robot_step_seconds_bucket{le="1"} 1\n');
});

test("what goes wrong in an answer does not end the process, and other requests are told what there is", async () => {
  const url = await open(() => {
    throw new Error("no idea");
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(500);
  for (const path of ["/", "//", "//:x"]) expect((await fetch(`${url}${path}`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(405);
});

test("a port that is taken is named", async () => {
  const url = await open(() => ({ ok: true }));
  const statusPort = Number(new URL(url).port);
  const dependencies = {
    health: (): Health => ({ ok: true }),
    registry: new Registry(),
    logger: pino({ level: "silent" }),
  };
  await expect(openStatusServer(dependencies, { statusHost: "127.0.0.1", statusPort })).rejects.toThrow(
    `--status-port 127.0.0.1:${statusPort}`,
  );
});

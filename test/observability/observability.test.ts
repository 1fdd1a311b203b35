/**
 * What operators look at says something: every expression of the dashboard and of the alerts, asked of a real Prometheus
 * that reads a real stack. Grafana itself is not tried, only that its files hang together.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import {
  hasPrometheus,
  observability,
  readPanels,
  startPrometheus,
  type TestPrometheus,
} from "../src/observability.ts";
import { startTestStack, type TestStack } from "../src/test-stack.ts";

const rooms = ["hub", "brain-worker", "relay"] as const;
const ownMetric = /\b(?:hub|worker|relay)_[a-z_]+/g;
const panels = readPanels();

test("the dashboard's panels are told apart, say what they mean, and ask the data source that is provisioned", () => {
  const provisioned = readFileSync(join(observability, "grafana/provisioning/datasources/prometheus.yml"), "utf8");
  const [, uid] = /^\s*uid: (\S+)$/m.exec(provisioned) ?? [];
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { type, title, description, datasource, targets } of panels) {
    if (type === "row") continue;
    expect([title, datasource?.uid]).toEqual([title, uid]);
    expect([title, typeof description, typeof targets]).toEqual([title, "string", "object"]);
  }
});

describe.skipIf(!hasPrometheus())("with Prometheus", () => {
  let database: TestDatabase;
  let stack: TestStack;
  let urls: string[];
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    const environment = { ...process.env, STATUS_PORT: "0" };
    stack = await startTestStack({ databaseUrl: database.url, relayArgs: ["simulator"], environment });
    urls = await Promise.all(rooms.map((room) => eventually(() => statusUrl(stack.dataDir, room))));
    prometheus = await startPrometheus(
      Object.fromEntries(rooms.map((room, at) => [room, new URL(urls[at] ?? "").host])),
    );
  });

  afterAll(async () => {
    await prometheus?.stop();
    await stack?.stop();
    await database?.drop();
  });

  test("everybody is well, and says so", async () => {
    const answers = await eventually(async () => {
      const bodies = await Promise.all(urls.map(async (url) => (await fetch(`${url}/healthz`)).json()));
      expect(bodies.slice(1)).toMatchObject([{ registered: true }, { registered: true }]);
      return bodies;
    });
    expect(answers).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
  });

  const expressions = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
  test.each(expressions)("the panel %s has data", async (_title, expr) => {
    const now = expr.replaceAll("$__rate_interval", "1m");
    await eventually(async () => expect(await prometheus.count(now)).toBeGreaterThan(0));
  });

  test("alerts are about metrics that there are, and a stack that is well raises none", async () => {
    const rules = await eventually(async () => {
      const loaded = await prometheus.alertRules();
      expect(new Set(loaded.map(({ health }) => health))).toEqual(new Set(["ok"]));
      return loaded;
    });
    for (const { name, query } of rules) {
      for (const [metric] of query.matchAll(ownMetric)) {
        expect([name, metric, await prometheus.count(metric)]).toEqual([name, metric, expect.toSatisfy((n) => n > 0)]);
      }
    }
    expect(rules.filter(({ state }) => state === "firing")).toEqual([]);
  });

  test("every metric is in the documents, and every metric in the documents is there", async () => {
    const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    const served = texts.flatMap((text) =>
      [...text.matchAll(/^# TYPE ((?:hub|worker|relay)_\S+)/gm)].map(([, name]) => name),
    );
    const documents = readFileSync(join(observability, "../docs/metrics.md"), "utf8");
    const documented = [...documents.matchAll(/^\| `((?:hub|worker|relay)_\w+)/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(served.sort());
  });

  test("Prometheus takes its configuration, and each alert fires on what it is for", () => {
    execFileSync("promtool", ["check", "config", "prometheus.yml"], { cwd: observability });
    execFileSync("promtool", ["test", "rules", "alerts.test.yml"], { cwd: observability });
  });
});

/** Where a process has said that its status port is. */
function statusUrl(dataDir: string, room: string): string {
  const log = readFileSync(join(dataDir, "logs", `${room}.log`), "utf8");
  const [, url] = /"url":"([^"]+)","msg":"status port is open"/.exec(log) ?? [];
  if (url === undefined) throw new Error(`${room} has not said where its status port is`);
  return url;
}

/** What operators look at: a real Prometheus with the project's alerts, and the dashboard for Grafana. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileValidator, type Validation } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { eventually } from "./eventually.ts";
import { freePort } from "./test-stack.ts";

/** The project's files for Prometheus and Grafana. */
export const observability = fileURLToPath(new URL("../../observability/", import.meta.url));

/** An alert's rule, as Prometheus has read and tried it. */
type AlertRule = Type.Static<typeof Rule>;

/** A running Prometheus that asks everyone every second. Whoever starts it stops it. */
export interface TestPrometheus {
  /**
   * How many series an expression has now.
   *
   * @throws what Prometheus says of an expression that is none
   */
  count(expr: string): Promise<number>;
  alertRules(): Promise<AlertRule[]>;
  stop(): Promise<void>;
}

const Rule = Type.Object({ name: Type.String(), query: Type.String(), health: Type.String(), state: Type.String() });
const readVector = compileValidator(
  "Prometheus' answer to a query",
  Type.Object({ data: Type.Object({ result: Type.Array(Type.Unknown()) }) }),
);
const readRules = compileValidator(
  "Prometheus' rules",
  Type.Object({ data: Type.Object({ groups: Type.Array(Type.Object({ rules: Type.Array(Rule) })) }) }),
);

/** Whether the server and its tool are there. */
export function hasPrometheus(): boolean {
  try {
    execFileSync("prometheus", ["--version"], { stdio: "ignore" });
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: no prometheus and promtool on the PATH (apt-get install prometheus)");
    return false;
  }
}

/** @param targets by job: `host:port` */
export async function startPrometheus(targets: Readonly<Record<string, string>>): Promise<TestPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "prometheus.json");
  await writeFile(config, JSON.stringify(configOf(targets)));
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${folder}`, `--web.listen-address=${address}`];
  const server = spawn("prometheus", args, { stdio: "ignore" });

  async function ask<T>(path: string, read: (answer: unknown) => Validation<T>): Promise<T> {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    if (!response.ok) throw new Error(await response.text());
    const answer = read(await response.json());
    if (!answer.ok) throw new Error(answer.problem);
    return answer.value;
  }

  const prometheus: TestPrometheus = {
    async count(expr) {
      return (await ask(`query?query=${encodeURIComponent(expr)}`, readVector)).data.result.length;
    },
    async alertRules() {
      return (await ask("rules?type=alert", readRules)).data.groups.flatMap(({ rules }) => rules);
    },
    async stop() {
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
  await eventually(() => prometheus.count("up"));
  return prometheus;
}

function configOf(targets: Readonly<Record<string, string>>) {
  return {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [join(observability, "alerts.yml")],
    scrape_configs: Object.entries(targets).map(([job_name, target]) => ({
      job_name,
      static_configs: [{ targets: [target] }],
    })),
  };
}

/** A panel, or a row's title. */
type Panel = Type.Static<typeof Panel>;

const Panel = Type.Object({
  id: Type.Integer(),
  title: Type.String({ minLength: 1 }),
  type: Type.Enum(["row", "stat", "timeseries", "table"]),
  description: Type.Optional(Type.String({ minLength: 1 })),
  datasource: Type.Optional(Type.Object({ type: Type.Literal("prometheus"), uid: Type.String() })),
  targets: Type.Optional(
    Type.Array(Type.Object({ refId: Type.String(), expr: Type.String({ minLength: 1 }) }), { minItems: 1 }),
  ),
});
const readDashboard = compileValidator("the dashboard", Type.Object({ uid: Type.String(), panels: Type.Array(Panel) }));

/** @throws where it has not the shape that Grafana expects */
export function readPanels(): Panel[] {
  const file = join(observability, "grafana/dashboards/physical-ai.json");
  const dashboard = readDashboard(JSON.parse(readFileSync(file, "utf8")));
  if (!dashboard.ok) throw new Error(dashboard.problem);
  return dashboard.value.panels;
}

/** The dashboard for Grafana, read as far as tests look at it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { observability } from "./prometheus.ts";

/** A panel, or a row's title. */
export type Panel = Type.Static<typeof Panel>;

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

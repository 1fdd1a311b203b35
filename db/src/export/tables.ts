/** What can be exported: each table's rows, its columns, and the JSONB whose fields become columns too. */
import type { JsonSource, TableColumn } from "./columns.ts";
import { selected, type TelemetrySelection } from "./selection.ts";

export const exportTables = ["telemetry", "predictions", "commands"] as const;
export type ExportTable = (typeof exportTables)[number];

/** A query in its parts. */
export interface TableQuery {
  from: string;
  where: string;
  orderBy: string;
  /** The row that a report names. */
  id: string;
  columns: readonly TableColumn[];
  json: readonly JsonSource[];
}

/**
 * @param withInputs joins the telemetry that each prediction or command was made from: one row for each packet, and one
 * with empty `input.` columns where there is none
 */
export function tableQuery(table: ExportTable, selection: TelemetrySelection, withInputs: boolean): TableQuery {
  const query = { telemetry, predictions, commands }[table](selection);
  return withInputs && table !== "telemetry" ? joinInputs(query, table, selection) : query;
}

function telemetry(selection: TelemetrySelection): TableQuery {
  return {
    from: "robot_telemetry t",
    where: selected("t", "data_type", selection),
    orderBy: "t.created_at, t.seq, t.id",
    id: "t.id",
    columns: [
      ...columnsOf("t", { id: "bigint", robot_id: "text", robot_type: "text", data_type: "text" }),
      ...columnsOf("t", { created_at: "timestamp", received_at: "timestamp", stream_id: "text", seq: "bigint" }),
    ],
    json: [{ prefix: "", sql: "t.payload" }],
  };
}

function predictions(selection: TelemetrySelection): TableQuery {
  return {
    from: "ai_predictions p",
    where: selected("p", "policy", selection),
    orderBy: "p.created_at, p.id",
    id: "p.id",
    columns: [
      ...columnsOf("p", { id: "bigint", robot_id: "text", robot_type: "text", policy: "text", model_version: "text" }),
      ...columnsOf("p", { created_at: "timestamp", stream_id: "text", first_seq: "bigint", last_seq: "bigint" }),
      ...columnsOf("p", { infer_ms: "real", total_ms: "real" }),
    ],
    json: [{ prefix: "result", sql: "p.result_payload" }],
  };
}

function commands(selection: TelemetrySelection): TableQuery {
  return {
    from: "robot_commands c",
    where: selected("c", "command", selection),
    orderBy: "c.created_at, c.id",
    id: "c.id",
    columns: [
      ...columnsOf("c", { id: "bigint", command_id: "text", robot_id: "text", robot_type: "text", command: "text" }),
      ...columnsOf("c", { sender: "text", status: "text", created_at: "timestamp", updated_at: "timestamp" }),
      ...columnsOf("c", { stream_id: "text", seq: "bigint" }),
    ],
    json: [
      { prefix: "params", sql: "c.params" },
      { prefix: "result", sql: "c.result_payload" },
    ],
  };
}

/** Packets that live predictions were made from are not older than this; partitions that are need not be read. */
const inputSlack = "interval '1 day'";

function joinInputs(query: TableQuery, table: ExportTable, { since, until }: TelemetrySelection): TableQuery {
  const [alias, first, last] = table === "commands" ? ["c", "c.seq", "c.seq"] : ["p", "p.first_seq", "p.last_seq"];
  const near = [
    ...(since === undefined ? [] : [`and i.created_at >= timestamptz '${since.toISOString()}' - ${inputSlack}`]),
    ...(until === undefined ? [] : [`and i.created_at < timestamptz '${until.toISOString()}' + ${inputSlack}`]),
  ];
  return {
    ...query,
    from: `${query.from} left join lateral generate_series(${first}, ${last}) as packet (seq) on true
      left join robot_telemetry i on i.stream_id = ${alias}.stream_id and i.seq = packet.seq
        and i.robot_id = ${alias}.robot_id ${near.join(" ")}`,
    // A stream has packets of other robots between those of this one; the last is always this one's.
    where: `${query.where} and (i.id is not null or packet.seq is not distinct from ${last})`,
    orderBy: `${query.orderBy}, packet.seq`,
    columns: [
      ...query.columns,
      ...columnsOf("i", { id: "bigint", data_type: "text", created_at: "timestamp", seq: "bigint" }, "input."),
    ],
    json: [...query.json, { prefix: "input", sql: "i.payload" }],
  };
}

function columnsOf(alias: string, types: Record<string, TableColumn["type"]>, prefix = ""): TableColumn[] {
  return Object.entries(types).map(([name, type]) => ({ name: `${prefix}${name}`, type, sql: `${alias}.${name}` }));
}

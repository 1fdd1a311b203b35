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

type Columns = Readonly<Record<string, TableColumn["type"]>>;

/** What is to be known of a table. */
interface Source {
  table: string;
  /** What `types` of a selection restricts. */
  typeColumn: string;
  /** The columns that put the rows in order. */
  order: readonly string[];
  columns: Columns;
  /** The JSONB columns, by what the names of their fields begin with. */
  json: Readonly<Record<string, string>>;
  /** Of the packets that a row was made from, in its stream. */
  seqs?: readonly [first: string, last: string];
}

const telemetry: Source = {
  table: "robot_telemetry",
  typeColumn: "data_type",
  order: ["created_at", "seq", "id"],
  columns: {
    id: "bigint",
    robot_id: "text",
    robot_type: "text",
    data_type: "text",
    created_at: "timestamp",
    received_at: "timestamp",
    stream_id: "text",
    seq: "bigint",
  },
  json: { "": "payload" },
};

const predictions: Source = {
  table: "ai_predictions",
  typeColumn: "policy",
  order: ["created_at", "id"],
  columns: {
    id: "bigint",
    robot_id: "text",
    robot_type: "text",
    policy: "text",
    model_version: "text",
    created_at: "timestamp",
    stream_id: "text",
    first_seq: "bigint",
    last_seq: "bigint",
    infer_ms: "real",
    total_ms: "real",
  },
  json: { result: "result_payload" },
  seqs: ["first_seq", "last_seq"],
};

const commands: Source = {
  table: "robot_commands",
  typeColumn: "command",
  order: ["created_at", "id"],
  columns: {
    id: "bigint",
    command_id: "text",
    robot_id: "text",
    robot_type: "text",
    command: "text",
    sender: "text",
    status: "text",
    created_at: "timestamp",
    updated_at: "timestamp",
    stream_id: "text",
    seq: "bigint",
  },
  json: { params: "params", result: "result_payload" },
  seqs: ["seq", "seq"],
};

const sources: Readonly<Record<ExportTable, Source>> = { telemetry, predictions, commands };

/**
 * @param withInputs joins the telemetry that each prediction or command was made from: one row for each packet, and one
 * with empty `input.` columns where there is none
 */
export function tableQuery(table: ExportTable, selection: TelemetrySelection, withInputs: boolean): TableQuery {
  const { table: name, typeColumn, order, columns, json, seqs } = sources[table];
  const query = {
    from: `${name} r`,
    where: selected("r", typeColumn, selection),
    orderBy: order.map((column) => `r.${column}`).join(", "),
    id: "r.id",
    columns: columnsOf("r", columns),
    json: Object.entries(json).map(([prefix, column]) => ({ prefix, sql: `r.${column}` })),
  };
  return withInputs && seqs !== undefined ? joinInputs(query, seqs, selection) : query;
}

const inputColumns: Columns = { id: "bigint", data_type: "text", created_at: "timestamp", seq: "bigint" };

/**
 * No index leads from a stream's seq to its row: it would cost every packet that comes. The rows of the time in question
 * are read once, and put together by their hash.
 */
function joinInputs(
  query: TableQuery,
  [first, last]: readonly [first: string, last: string],
  selection: TelemetrySelection,
): TableQuery {
  return {
    ...query,
    from: `${query.from} left join lateral generate_series(r.${first}, r.${last}) as packet (seq) on true
      left join robot_telemetry i on i.stream_id = r.stream_id and i.seq = packet.seq and i.robot_id = r.robot_id
        and ${selected("i", telemetry.typeColumn, inputsOf(selection))}`,
    // A stream has packets of other robots between those of this one; the last is always this one's.
    where: `${query.where} and (i.id is not null or packet.seq is not distinct from r.${last})`,
    orderBy: `${query.orderBy}, packet.seq`,
    columns: [...query.columns, ...columnsOf("i", inputColumns, "input.")],
    json: [...query.json, { prefix: "input", sql: "i.payload" }],
  };
}

/** Packets that live predictions were made from are not older than this. */
const inputSlackMs = 86_400_000;

/** Where the inputs of the selected rows are to be looked for: partitions of other days need not be read. */
function inputsOf({ robots, since, until }: TelemetrySelection): TelemetrySelection {
  return {
    robots,
    since: since === undefined ? undefined : new Date(since.getTime() - inputSlackMs),
    until: until === undefined ? undefined : new Date(until.getTime() + inputSlackMs),
  };
}

function columnsOf(alias: string, types: Columns, prefix = ""): TableColumn[] {
  return Object.entries(types).map(([name, type]) => ({ name: `${prefix}${name}`, type, sql: `${alias}.${name}` }));
}

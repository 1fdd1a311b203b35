/** What can be exported: each table's rows, its columns, and the JSONB whose fields become columns too. */
import { aiPredictions, columnsOf, robotCommands, robotTelemetry, type SqlColumn } from "@physical-ai/db";
import type { JsonSource, TableColumn } from "./columns.ts";
import { selected, type TelemetrySelection } from "./selection.ts";

export const exportTables = ["telemetry", "predictions", "commands"] as const;
export type ExportTable = (typeof exportTables)[number];

export const tableNames: Readonly<Record<ExportTable, string>> = {
  telemetry: "robot_telemetry",
  predictions: "ai_predictions",
  commands: "robot_commands",
};

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

/** What a column of the database is in an export. */
const typesOfSql: Readonly<Record<string, TableColumn["type"]>> = {
  bigint: "bigint",
  real: "real",
  text: "text",
  uuid: "text",
  "timestamp with time zone": "timestamp",
};

type PlainColumn = Pick<TableColumn, "name" | "type">;

/** Columns of `schema.ts` as an export has them. @throws when one holds what an export has no column for */
function plain(columns: readonly SqlColumn[]): PlainColumn[] {
  return columns.map(({ name, type: sqlType }) => {
    const type = typesOfSql[sqlType];
    if (type === undefined)
      throw new Error(`expected ${name} to be ${Object.keys(typesOfSql).join(", ")}; got ${sqlType}`);
    return { name, type };
  });
}

/** What is to be known of a table. */
interface Source {
  /** What `types` of a selection restricts. */
  typeColumn: string;
  /** The columns that put the rows in order. */
  order: readonly string[];
  /** In the order of the export. */
  columns: readonly PlainColumn[];
  /** The JSONB columns, by what the names of their fields begin with. */
  json: Readonly<Record<string, string>>;
  /** Of the packets that a row was made from, in its stream. */
  seqs?: readonly [first: string, last: string];
}

const telemetry: Source = {
  typeColumn: "data_type",
  order: ["created_at", "seq", "id"],
  columns: plain(
    columnsOf(robotTelemetry, ["id", "robotId", "robotType", "dataType", "createdAt", "receivedAt", "streamId", "seq"]),
  ),
  json: { "": "payload" },
};

const predictions: Source = {
  typeColumn: "policy",
  order: ["created_at", "id"],
  columns: plain(
    columnsOf(aiPredictions, [
      "id",
      "robotId",
      "robotType",
      "policy",
      "modelVersion",
      "createdAt",
      "streamId",
      "firstSeq",
      "lastSeq",
      "inferMs",
      "totalMs",
    ]),
  ),
  json: { result: "result_payload" },
  seqs: ["first_seq", "last_seq"],
};

const commands: Source = {
  typeColumn: "command",
  order: ["created_at", "id"],
  columns: plain(
    columnsOf(robotCommands, [
      "id",
      "commandId",
      "robotId",
      "robotType",
      "command",
      "sender",
      "status",
      "createdAt",
      "updatedAt",
      "streamId",
      "seq",
    ]),
  ),
  json: { params: "params", result: "result_payload" },
  seqs: ["seq", "seq"],
};

const sources: Readonly<Record<ExportTable, Source>> = { telemetry, predictions, commands };

/**
 * @param withInputs joins the telemetry that each prediction or command was made from: one row for each packet, and one
 * with empty `input.` columns where there is none
 */
export function tableQuery(table: ExportTable, selection: TelemetrySelection, withInputs: boolean): TableQuery {
  const { typeColumn, order, columns, json, seqs } = sources[table];
  const query = {
    from: `${tableNames[table]} r`,
    where: selected("r", typeColumn, selection),
    orderBy: order.map((column) => `r.${column}`).join(", "),
    id: "r.id",
    columns: selectedFrom("r", columns),
    json: Object.entries(json).map(([prefix, column]) => ({ prefix, sql: `r.${column}` })),
  };
  return withInputs && seqs !== undefined ? joinInputs(query, seqs, selection) : query;
}

const inputColumns = plain(columnsOf(robotTelemetry, ["id", "dataType", "createdAt", "seq"]));

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
    columns: [...query.columns, ...selectedFrom("i", inputColumns, "input.")],
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

function selectedFrom(alias: string, columns: readonly PlainColumn[], prefix = ""): TableColumn[] {
  return columns.map(({ name, type }) => ({ name: `${prefix}${name}`, type, sql: `${alias}.${name}` }));
}

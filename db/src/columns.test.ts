import { readFileSync } from "node:fs";
import { getTableName } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import { expect, it } from "vitest";
import { columnsOf, copyInto } from "./columns.ts";
import { aiPredictions, blobs, payloadSchemas, relayStreams, robotCommands, robotTelemetry } from "./schema.ts";

it("are those that a reader chooses, in the reader's order", () => {
  expect(columnsOf(robotCommands, ["seq", "createdAt", "commandId"])).toEqual([
    { name: "seq", type: "bigint" },
    { name: "created_at", type: "timestamp with time zone" },
    { name: "command_id", type: "uuid" },
  ]);
});

it("are written by COPY, but the id", () => {
  expect(copyInto(robotTelemetry)).toEqual({
    sql:
      "copy robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq) " +
      "from stdin (format binary)",
    columns: 8,
  });
  expect(copyInto(aiPredictions)).toEqual({
    sql:
      "copy ai_predictions (robot_id, robot_type, policy, model_version, result_payload, stream_id, first_seq, " +
      "last_seq, infer_ms, total_ms, created_at) from stdin (format binary)",
    columns: 11,
  });
});

const dump = readFileSync(new URL("../schema.sql", import.meta.url), "utf8");

it.each(
  [robotTelemetry, aiPredictions, robotCommands, relayStreams, blobs, payloadSchemas].map((table) => [
    getTableName(table),
    table,
  ]),
)("are those of %s in schema.sql", (name, table) => {
  const definition = new RegExp(`^create table ${name} \\(\\n(.*?)\\n\\)`, "ms").exec(dump)?.[1] ?? "";
  const dumped = definition.split(",\n").map((line) => line.trim().split(/ (?=default )/)[0]);
  const declared = getTableConfig(table).columns.map((column) =>
    [
      column.name,
      column.getSQLType(),
      ...(column.notNull ? ["not null"] : []),
      ...(column.generatedIdentity === undefined ? [] : ["generated always as identity"]),
    ].join(" "),
  );
  // Constraints come after the columns.
  expect(dumped.slice(0, declared.length)).toEqual(declared);
  expect(dumped.slice(declared.length).filter((line) => /^[a-z]/.test(line ?? ""))).toEqual([]);
});
